/* SPDX-License-Identifier: Apache-2.0 */
void tdh_conform_storage(void *c);
void tdh_conform_storage(void *c)
{
    (void)c;
}
