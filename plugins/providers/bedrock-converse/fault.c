/* SPDX-License-Identifier: Apache-2.0 */
/* fault: what errors mean: by their names, and a rule that was broken by its sentence. */
#include "converse.h"

#include <stdio.h>

#include "kit/fault.h"

/* In a stream the names begin with a small letter. */
static const struct {
    const char *name;
    enum td_fault fault;
} faults[] = {
    { "ThrottlingException", TD_FAULT_RATE },
    { "TooManyRequestsException", TD_FAULT_RATE },
    { "ModelNotReadyException", TD_FAULT_OVERLOADED },
    { "ServiceUnavailableException", TD_FAULT_OVERLOADED },
    { "InternalServerException", TD_FAULT_OUTAGE },
    { "InternalFailure", TD_FAULT_OUTAGE },
    { "ModelErrorException", TD_FAULT_OUTAGE },
    { "ModelStreamErrorException", TD_FAULT_OUTAGE },
    { "ModelTimeoutException", TD_FAULT_TIMEOUT },
    { "ResourceNotFoundException", TD_FAULT_MODEL },
    { "AccessDeniedException", TD_FAULT_AUTH },
    { "UnrecognizedClientException", TD_FAULT_AUTH },
    { "InvalidSignatureException", TD_FAULT_AUTH },
    { "IncompleteSignatureException", TD_FAULT_AUTH },
    { "MissingAuthenticationTokenException", TD_FAULT_AUTH },
    { "ExpiredTokenException", TD_FAULT_AUTH },
    /* what an account may use at all, not in a time: waiting does not help */
    { "ServiceQuotaExceededException", TD_FAULT_MONEY },
};

/* Of a ValidationException, which is told for anything. */
static const struct wire_meaning meanings[] = {
    { "input is too long", TD_FAULT_CONTEXT },
    { "exceeds the maximum number of tokens", TD_FAULT_CONTEXT },
    { "model identifier is invalid", TD_FAULT_MODEL },
    { "on-demand throughput", TD_FAULT_MODEL },
    { "content filter", TD_FAULT_REFUSED },
    { NULL, TD_FAULT_NONE },
};

enum td_fault converse_fault(const char *name, const char *sentence)
{
    enum td_fault fault;

    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        if (strcasecmp(faults[i].name, name) == 0)
            return faults[i].fault;
    if (name[0] != '\0' && strcasecmp(name, "ValidationException") != 0)
        return TD_FAULT_NONE;
    fault = wire_meaning(meanings, sentence);
    if (fault == TD_FAULT_NONE && wire_is_too_long(sentence))
        return TD_FAULT_CONTEXT;
    return fault == TD_FAULT_NONE && name[0] != '\0' ? TD_FAULT_REQUEST : fault;
}

/* "com.amazon.coral#ThrottlingException:http://..." is a ThrottlingException. */
static void write_name(const char *told, char *name, size_t size)
{
    const char *mark;
    size_t length = strcspn(told, ":");

    mark = memchr(told, '#', length);
    if (mark != NULL) {
        length -= (size_t)(mark + 1 - told);
        told = mark + 1;
    }
    snprintf(name, size, "%.*s", (int)(length < size ? length : size - 1), told);
}

/* What the host has not seen: the sentence under another name, or the error's name alone. */
static void add_sentence(struct td_err *err, const json_t *body, const char *name)
{
    const char *sentence = wire_str(body, "Message", name);
    size_t used = strlen(err->text);

    if (sentence[0] != '\0' && used < sizeof(err->text))
        snprintf(err->text + used, sizeof(err->text) - used, ": %.500s", sentence);
}

void converse_failure(struct td_ctx *ctx, const struct td_wire_failure *failure,
                      enum td_fault *fault, struct td_err *err)
{
    const char *told = wire_str(failure->headers, "x-amzn-errortype", ""),
               *sentence = wire_str(failure->body, "message", NULL);
    enum td_fault meant;
    char name[80];

    (void)ctx;
    if (told[0] == '\0')
        told = wire_str(failure->body, "__type", wire_str(failure->body, "code", ""));
    write_name(told, name, sizeof(name));
    meant =
        converse_fault(name, sentence != NULL ? sentence : wire_str(failure->body, "Message", ""));
    if (meant != TD_FAULT_NONE)
        *fault = meant;
    if (sentence == NULL && (failure->body != NULL || failure->text[0] == '\0'))
        add_sentence(err, failure->body, name);
}
