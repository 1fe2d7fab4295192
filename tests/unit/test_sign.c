/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign: signatures are those that AWS publishes, and those that its own SDK makes: the rows beside
 * the first come from @smithy/signature-v4 5.7.5, asked for the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "model/sign.h"

#define ACCESS "AKIDEXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define BEDROCK "https://bedrock-runtime.us-east-1.amazonaws.com"
#define NEW_YEAR "2026-01-01T00:00:00Z"
#define HI "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"hi\"}]}]}"
#define KIND "Content-Type: application/json"

static const struct row {
    const char *name, *method, *url, *headers[4], *body, *time, *region, *service, *token;
    const char *names, *signature;
} rows[] = {
    { "AWS's get-vanilla",
      "GET",
      "https://example.amazonaws.com/",
      { NULL },
      "",
      "2015-08-30T12:36:00Z",
      "us-east-1",
      "service",
      NULL,
      "host;x-amz-date",
      "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" },
    { "a model's name with a colon",
      "POST",
      BEDROCK "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse",
      { KIND },
      HI,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "content-type;host;x-amz-date",
      "5c59c7f1b09a057eff136d5cf21db481f6ce3b5cd8a57e97fbcb09fe374f718e" },
    { "a session's token",
      "POST",
      BEDROCK "/model/m/converse-stream",
      { KIND },
      HI,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      "FwoGZXIvYXdzEXAMPLE//token+/==",
      "content-type;host;x-amz-date;x-amz-security-token",
      "21754b299712729c73e75d428aa30fb9767f8407cb0fc9e9fe961db317710b8a" },
    { "an ARN, the year's last second, another region",
      "POST",
      BEDROCK "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus."
              "anthropic.claude-opus-4-8/converse",
      { KIND },
      HI,
      "2026-12-31T23:59:59Z",
      "eu-central-1",
      "bedrock",
      NULL,
      "content-type;host;x-amz-date",
      "2156c25fe81e87ffb9bda2d72b56b7cd555a8391d385dd970141655f2400397e" },
    { "parameters are sorted by name",
      "POST",
      BEDROCK "/x?b=2&a-b=3&c&a=1",
      { KIND },
      HI,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "content-type;host;x-amz-date",
      "7b528683fa705e1ca7481bf2383010694d17bed053d705ba8563188d6d584bda" },
    { "headers are sorted, spaces squeezed, others left out",
      "POST",
      BEDROCK "/x",
      { "X-Amz-B:   two   words ", "Accept: */*", KIND, "x-amz-a: 1" },
      HI,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "content-type;host;x-amz-a;x-amz-b;x-amz-date",
      "614ea20a8e960530d4211ebe91317d68f2409207b7b02be38ff76345fbd587d8" },
    { "no path, no body",
      "GET",
      BEDROCK,
      { NULL },
      NULL,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "host;x-amz-date",
      "b9035576a6657878b8507905170852461e0fbeedb3d1aeec24fb356ec8b72dd4" },
    { "the usual port is no part of the host",
      "GET",
      BEDROCK ":443/",
      { NULL },
      NULL,
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "host;x-amz-date",
      "b9035576a6657878b8507905170852461e0fbeedb3d1aeec24fb356ec8b72dd4" },
    { "Korean",
      "POST",
      BEDROCK "/model/m/converse",
      { KIND },
      "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"안녕\"}]}]}",
      NEW_YEAR,
      "us-east-1",
      "bedrock",
      NULL,
      "content-type;host;x-amz-date",
      "34c27f8385e3c5821408f8ec6dc352a2d008286fca0fc2f6fd93cdcf2fd5146a" },
};

static struct tdh_signing signing_of(const struct row *row, char *headers[5])
{
    int64_t time_us;
    struct td_err err;

    for (size_t i = 0; i < 5; i++)
        headers[i] = i < 4 ? (char *)(uintptr_t)row->headers[i] : NULL;
    assert_int_equal(tdh_clock_parse(row->time, &time_us, &err), 0);
    return (struct tdh_signing){ .method = row->method,
                                 .url = row->url,
                                 .headers = headers,
                                 .body = row->body,
                                 .body_bytes = row->body != NULL ? strlen(row->body) : 0,
                                 .service = row->service,
                                 .region = row->region,
                                 .time_s = time_us / 1000000 };
}

static void check_line(const struct row *row, const char *is, const char *want)
{
    if (is == NULL || strcmp(is, want) != 0)
        fail_msg("%s: the line is\n  %s\nwanted\n  %s", row->name, is, want);
}

static void check_lines(const struct row *row, char *const *lines)
{
    char want[512], day[9] = "", when[17] = "";
    size_t last = row->token != NULL ? 2 : 1, length = 0;

    for (const char *at = row->time; *at != '\0'; at++)
        if (strchr("-:", *at) == NULL)
            when[length++] = *at;
    memcpy(day, when, 8);
    snprintf(want, sizeof(want), "X-Amz-Date: %s", when);
    check_line(row, lines[0], want);
    snprintf(want, sizeof(want), "X-Amz-Security-Token: %s", row->token != NULL ? row->token : "");
    if (row->token != NULL)
        check_line(row, lines[1], want);
    snprintf(want, sizeof(want),
             "Authorization: AWS4-HMAC-SHA256 Credential=" ACCESS
             "/%s/%s/%s/aws4_request, SignedHeaders=%s, Signature=%s",
             day, row->region, row->service, row->names, row->signature);
    check_line(row, lines[last], want);
    assert_null(lines[last + 1]);
}

static void signatures_are_those_of_aws(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct tdh_signer signer = { ACCESS, SECRET, rows[i].token };
        char *headers[5], *lines[TDH_SIGN_LINES + 1];
        struct tdh_signing signing = signing_of(&rows[i], headers);
        struct td_err err;

        if (tdh_sign(&signing, &signer, lines, &err) != 0)
            fail_msg("%s: %s", rows[i].name, err.text);
        check_lines(&rows[i], lines);
        for (size_t j = 0; j < TDH_SIGN_LINES; j++)
            free(lines[j]);
    }
}

static void each_step_is_as_it_is_written_down(void **state)
{
    static const char want[] =
        "POST\n/model/anthropic.claude-haiku-4-5-20251001-v1%253A0/converse\n\n"
        "content-type:application/json\nhost:bedrock-runtime.us-east-1.amazonaws.com\n"
        "x-amz-date:20260101T000000Z\n\ncontent-type;host;x-amz-date\n"
        "c3335e07d6e89650bf94cb98664be69f8774dbc3198df221f113db0a59ea14f0";
    static const unsigned char want_key[32] = {
        0x78, 0x9e, 0x79, 0xc9, 0x92, 0x07, 0x56, 0x20, 0x68, 0xe2, 0xd2,
        0xbb, 0x4e, 0xbb, 0x30, 0x1a, 0xb1, 0x0d, 0xa7, 0x11, 0x85, 0x0a,
        0xca, 0x12, 0x2f, 0x35, 0x3b, 0xed, 0xca, 0x4a, 0x48, 0xf4,
    };
    const struct tdh_signer signer = { ACCESS, SECRET, NULL };
    struct tdh_buf text = { 0 }, names = { 0 };
    char *headers[5];
    struct tdh_signing signing = signing_of(&rows[1], headers);
    unsigned char key[32];
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_sign_canonical(&signing, &signer, &text, &names, &err), 0);
    assert_string_equal(text.data, want);
    assert_string_equal(names.data, "content-type;host;x-amz-date");
    assert_true(tdh_sign_key(&signing, &signer, key));
    assert_memory_equal(key, want_key, sizeof(key));
    tdh_buf_free(&text);
    tdh_buf_free(&names);
}

static void what_cannot_be_signed_is_told(void **state)
{
    static const char too_many[] = "cannot be signed";
    const struct tdh_signer signer = { ACCESS, SECRET, NULL };
    char *lines[TDH_SIGN_LINES + 1], *headers[TDH_SIGN_HEADERS_MAX + 1] = { NULL };
    char url[512] = BEDROCK "/?";
    struct tdh_signing signing = {
        .method = "GET", .url = "/x", .service = "s", .region = "r", .time_s = 0
    };
    struct td_err err;

    (void)state;
    assert_int_equal(tdh_sign(&signing, &signer, lines, &err), -1);
    assert_string_equal(err.text, "\"/x\" cannot be signed: it is no whole address");
    signing.url = BEDROCK;
    signing.headers = headers;
    for (size_t i = 0; i < TDH_SIGN_HEADERS_MAX; i++)
        headers[i] = (char *)(uintptr_t) "x-amz-a: 1";
    assert_int_equal(tdh_sign(&signing, &signer, lines, &err), -1);
    assert_non_null(strstr(err.text, too_many));
    headers[0] = NULL;
    for (size_t i = 0; i < TDH_SIGN_HEADERS_MAX + 1; i++)
        strcat(url, "a=1&");
    signing.url = url;
    assert_int_equal(tdh_sign(&signing, &signer, lines, &err), -1);
    assert_non_null(strstr(err.text, too_many));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_aws),
        cmocka_unit_test(each_step_is_as_it_is_written_down),
        cmocka_unit_test(what_cannot_be_signed_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
