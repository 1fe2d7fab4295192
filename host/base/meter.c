/* SPDX-License-Identifier: Apache-2.0 */
/*
 * meter: amounts by name.
 */
#include "base/meter.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool tdh_meter_is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    return name[0] >= 'a' && name[0] <= 'z' && name[length] == '\0' && length < TDH_METER_NAME;
}

int64_t tdh_amount_sum(int64_t a, int64_t b)
{
    int64_t sum = a + b; /* neither is larger than what fits in 54 bits */

    return sum < TDH_AMOUNT_MAX ? sum : TDH_AMOUNT_MAX;
}

int64_t tdh_amount_of(double number)
{
    double millionths = number * (double)TDH_METER_UNIT;

    return millionths >= 0 && millionths <= (double)TDH_AMOUNT_MAX ? (int64_t)llround(millionths)
                                                                   : -1;
}

json_t *tdh_amount_json(int64_t amount)
{
    return amount % TDH_METER_UNIT == 0 ? json_integer(amount / TDH_METER_UNIT)
                                        : json_real((double)amount / (double)TDH_METER_UNIT);
}

const char *tdh_amount_print(int64_t amount, char text[static TDH_AMOUNT_TEXT])
{
    int length = snprintf(text, TDH_AMOUNT_TEXT, "%" PRId64 ".%06" PRId64, amount / TDH_METER_UNIT,
                          amount % TDH_METER_UNIT);

    while (text[length - 1] == '0')
        text[--length] = '\0';
    if (text[length - 1] == '.')
        text[--length] = '\0';
    return text;
}

static struct tdh_meter *find(struct tdh_meters *meters, const char *name)
{
    for (unsigned i = 0; i < meters->count; i++)
        if (strcmp(meters->list[i].name, name) == 0)
            return &meters->list[i];
    return NULL;
}

int64_t tdh_meters_get(const struct tdh_meters *meters, const char *name)
{
    const struct tdh_meter *meter = find((struct tdh_meters *)(uintptr_t)meters, name);

    return meter != NULL ? meter->amount : 0;
}

bool tdh_meters_add(struct tdh_meters *meters, const char *name, int64_t amount)
{
    struct tdh_meter *meter = find(meters, name);

    if (meter == NULL) {
        if (meters->count == TDH_METERS_MAX + 1)
            return false;
        meter = &meters->list[meters->count++];
        meter->amount = 0;
        snprintf(meter->name, sizeof(meter->name), "%s", name);
    }
    meter->amount = tdh_amount_sum(meter->amount, amount);
    return true;
}

static bool fault(struct tdh_meter_fault *ret_fault, const char *key, const char *text)
{
    ret_fault->key = key;
    snprintf(ret_fault->text, sizeof(ret_fault->text), "%s", text);
    return false;
}

static bool read_one(const char *name, const json_t *value, struct tdh_meters *meters,
                     struct tdh_meter_fault *ret_fault)
{
    int64_t amount = json_is_number(value) ? tdh_amount_of(json_number_value(value)) : -1;

    if (!tdh_meter_is_name(name))
        return fault(ret_fault, name,
                     "must be a small letter, then small letters, digits and \"_\", at most 31");
    if (amount < 0)
        return fault(ret_fault, name, "must be a number from 0 to 9007199254");
    return tdh_meters_add(meters, name, amount) || fault(ret_fault, name, "is one meter too many");
}

bool tdh_meters_read(const json_t *object, struct tdh_meters *ret_meters,
                     struct tdh_meter_fault *ret_fault)
{
    struct tdh_meters meters = { 0 };
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return fault(ret_fault, NULL, "must be a map of meters to numbers, such as {tokens: 500}");
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        if (!read_one(name, value, &meters, ret_fault))
            return false;
    if (meters.count > TDH_METERS_MAX + (tdh_meters_get(&meters, TDH_METER_CALLS) > 0))
        return fault(ret_fault, NULL, "must not have more than 8 meters besides \"calls\"");
    *ret_meters = meters;
    return true;
}

json_t *tdh_meters_json(const struct tdh_meters *meters)
{
    json_t *object = json_object();

    for (unsigned i = 0; i < meters->count; i++)
        if (json_object_set_new(object, meters->list[i].name,
                                tdh_amount_json(meters->list[i].amount)) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

bool tdh_meters_parse(const json_t *object, struct tdh_meters *ret_meters)
{
    struct tdh_meters meters = { 0 };
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return false;
    json_object_foreach ((json_t *)(uintptr_t)object, name, value)
        if (!tdh_meter_is_name(name) || !json_is_integer(value) || json_integer_value(value) < 0 ||
            json_integer_value(value) > TDH_AMOUNT_MAX ||
            !tdh_meters_add(&meters, name, json_integer_value(value)))
            return false;
    *ret_meters = meters;
    return true;
}
