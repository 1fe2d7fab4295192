/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_nl_input: what a request is about, and which requests are refused, by their exact words.
 */
#include "build_agent.h"

#include <stdlib.h>
#include <string.h>

#include "alloc_fail.h"

#define FOLDER "plugins/agents/nl-input"

static struct agent *agent;

static void set_option(struct agent *of, const char *name, int64_t value)
{
    for (const struct td_binding *const *row = of->plugin->bindings; *row != NULL; row++)
        if (strcmp((*row)->name, name) == 0)
            *(int64_t *)(void *)((char *)of->ctx.self + (*row)->offset) = value;
}

static struct agent *new_agent(void)
{
    struct agent *made = agent_new(FOLDER, "conf");

    set_option(made, "limit", 16384);
    set_option(made, "name_length", 32);
    return made;
}

static int start(void **state)
{
    struct td_err err;

    (void)state;
    agent = new_agent();
    if (agent_start(agent, &err) != 0)
        fail_msg("%s", err.text);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    agent_free(agent);
    return 0;
}

static json_t *understand(const char *request)
{
    struct td_err err;
    json_t *output = agent_call(agent, "understand", json_pack("{s:s}", "request", request), &err);

    if (output == NULL)
        fail_msg("%s: %s", request, err.text);
    return output;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

static const struct {
    const char *request, *lang, *title, *name, *domain;
} titles[] = {
    { "a todo app", "en", "Todo", "todo", "productivity" },
    { "Track plants with name, species and a photo", "en", "Plants", "plants", "garden" },
    { "an app for my bike club where members have a name", "en", "Bike club", "bike-club",
      "people" },
    { "I want a habit tracker with dark mode, no login", "en", "Habit tracker", "habit-tracker",
      "habits" },
    { "Keep a list of restaurants I want to try", "en", "Restaurants", "restaurants", "travel" },
    { "I'd like a place to write down my dreams", "en", "Dreams", "dreams", "writing" },
    { "Personal budget app with charts", "en", "Budget", "budget", "finance" },
    { "독서 기록 앱. 별점, 태그", "ko", "독서 기록", "reading-log", "reading" },
    { "가계부: 날짜, 금액", "ko", "가계부", "budget", "finance" },
    { "식물을 관리하는 앱", "ko", "식물", "plant", "garden" },
    { "할 일 관리 앱을 만들어줘", "ko", "할 일 관리", "task-manager", "productivity" },
    { "투두앱 다크모드로", "ko", "투두", "todo", "productivity" },
    { "뜨락 앱", "ko", "뜨락", "tteurak", "general" },
    { "독서 reading list 앱", "ko", "독서 reading list", "reading-list", "reading" },
    { "본 영화 목록. 별점", "ko", "본 영화 목록", "movie-list", "media" },
    { "프로젝트와 회의를 관리하는 앱", "ko", "프로젝트와 회의", "project-meeting", "work" },
    { "a table of customers and their orders", "en", "Customers", "customers", "business" },
    { "For every wine I want the name", "en", "Wine", "wine", "food" },
    { "todo app with 마감일 and 우선순위", "en", "Todo", "todo", "productivity" },
    { "con app", "en", "Con", "app-con", "general" },
    { "2048 scores app", "en", "2048 scores", "app-2048-scores", "education" },
    { "../../etc app", "en", "App", "app", "general" },
    { "An app where customers place orders", "en", "Orders", "orders", "business" },
    { "고객/주문 관리 앱", "ko", "고객/주문 관리", "customer-order-manager", "business" },
    { "Call it \"Larder\": a pantry app with name and expiry", "en", "Larder", "larder", "home" },
    { "a pantry app called larder", "en", "Larder", "larder", "home" },
    { "Name it Foo. A todo app", "en", "Foo", "foo", "productivity" },
    { "a recipe app titled 'Grandma\xE2\x80\x99s Kitchen'", "en", "Grandma's Kitchen",
      "grandmas-kitchen", "cooking" },
    { "an app named trip-mate for trips", "en", "Trip Mate", "trip-mate", "travel" },
    { "Name: Larder. Track pantry items with name", "en", "Larder", "larder", "home" },
    { "The name of the app is Plantie. Track plants", "en", "Plantie", "plantie", "garden" },
    { "\"Larder\" - a pantry app with name", "en", "Larder", "larder", "home" },
    { "make me a todo app. Call it Get It Done.", "en", "Get It Done", "get-it-done",
      "productivity" },
    { "A client app. Name is required.", "en", "Client", "client", "business" },
    { "Track my cat called \"Mimi\" with weight", "en", "Cat called Mimi", "cat-called-mimi",
      "pets" },
    { "contacts: name, phone and birthday", "en", "Contacts", "contacts", "people" },
    { "이름은 \"냉장고 지기\". 식재료 관리 앱", "ko", "냉장고 지기", "fridge-jigi", "home" },
    { "'책갈피'라는 독서 앱", "ko", "책갈피", "chaekgalpi", "reading" },
    { "책갈피라고 부를 독서 앱", "ko", "책갈피", "chaekgalpi", "reading" },
    { "독서 앱인데 이름은 '책갈피'로 해줘", "ko", "책갈피", "chaekgalpi", "reading" },
    { "앱 제목: 나의 정원. 식물 관리", "ko", "나의 정원", "naui-garden", "garden" },
    { "이름은 돈쭐이야. 가계부 앱", "ko", "돈쭐", "donjjul", "finance" },
    { "\"오늘 뭐 먹지?\"라는 이름의 식단 앱", "ko", "오늘 뭐 먹지?", "today-what-meokji",
      "health" },
    { "이름은 필수, 전화번호는 선택인 연락처 앱", "ko", "연락처", "contact", "people" },
    { "식재료 이름과 유통기한 관리 앱", "ko", "식재료 이름과 유통기한 관리",
      "ingredient-name-expiry-date", "home" },
    { "a to do list without login but with dark mode", "en", "To do list", "to-do-list",
      "productivity" },
    { "a simple to-do app", "en", "To-do", "to-do", "productivity" },
    { "to read list with author", "en", "To read list", "to-read-list", "reading" },
    { "I want to do lists of plants", "en", "Plants", "plants", "garden" },
    { "blog with posts and comments, rich text editor", "en", "Blog", "blog", "writing" },
    { "build me a shop with products and a reviews page", "en", "Shop", "shop", "business" },
    { "a forum with threads and an admin dashboard", "en", "Forum", "forum", "general" },
    { "회원 로그인과 다크 모드가 있는 메모장", "ko", "메모장", "notepad", "writing" },
    { "광고 없는 일기장", "ko", "일기장", "diary", "writing" },
    { "검색 기능이 없는 가계부", "ko", "가계부", "budget", "finance" },
    { "each order has a date and customers place orders", "en", "Order", "order", "business" },
    { "customers have subscriptions for products", "en", "Customers", "customers", "business" },
    { "상품 검색과 다크 모드가 있는 쇼핑몰", "ko", "쇼핑몰", "shop", "business" },
    { "비밀번호 잠금과 사진이 있는 일기장, 태그", "ko", "일기장", "diary", "writing" },
    { "별점이 있는 책과 영화 기록 앱", "ko", "책과 영화 기록", "book-movie-log", "media" },
    { "an app to plan weekly meals and make a shopping list", "en", "Weekly meals", "weekly-meals",
      "health" },
    { "소설가를 위한 캐릭터 설정집: 인물 이름, 나이", "ko", "캐릭터 설정집",
      "character-settings-book", "general" },
    { "주식 매매일지 종목 매수가 매도가", "ko", "주식 매매일지", "stock-trade-log", "finance" },
    { "아기 성장 일기 키(cm) 몸무게(kg)", "ko", "아기 성장 일기", "baby-growth-diary-entry",
      "writing" },
    { "레시피에는 재료와 조리 순서가 있고 별점도 매길 수 있는 앱", "ko", "레시피", "recipe",
      "cooking" },
    { "물 마시기 기록 앱 하루 목표 ml", "ko", "물 마시기 기록", "water-masigi-log", "health" },
    { "customers order products and orders have a date", "en", "Products", "products", "business" },
    { "ＴＯＤＯ　ａｐｐ", "en", "TODO", "todo", "productivity" },
};

static void each_request_has_language_title_name_and_domain(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++) {
        json_t *output = understand(titles[i].request);

        if (strcmp(text_of(output, "lang"), titles[i].lang) != 0 ||
            strcmp(text_of(json_object_get(output, "title"), "text"), titles[i].title) != 0 ||
            strcmp(text_of(output, "name"), titles[i].name) != 0 ||
            strcmp(text_of(json_object_get(output, "domain"), "name"), titles[i].domain) != 0)
            fail_msg("%s: %s", titles[i].request, json_dumps(output, 0));
        json_decref(output);
    }
}

static const struct {
    const char *request, *kind, *what, *from;
} constraints[] = {
    { "a todo app, no login", "exclude", "sign-in", "no login" },
    { "a todo app without login or charts", "exclude", "chart", "without login or charts" },
    { "a todo app. Login is not needed", "exclude", "sign-in", "Login is not" },
    { "a recipe app without photos", "exclude", "photos", "without photos" },
    { "I don't need dark mode in my todo app", "exclude", "dark-mode", "don't need dark mode" },
    { "할일 앱 로그인 없이", "exclude", "sign-in", "로그인 없이" },
    { "할일 앱. 로그인은 필요 없어", "exclude", "sign-in", "로그인은 필요 없어" },
    { "할일 앱. 로그인과 차트는 빼줘", "exclude", "sign-in", "로그인과 차트는 빼줘" },
    { "할일 앱 광고 말고", "exclude", "ads", "광고 말고" },
    { "a todo app that works offline", "offline", "offline", "works offline" },
    { "인터넷 없이 쓰는 메모 앱", "offline", "offline", "인터넷 없이" },
    { "a todo list for my phone", "device", "phone", "for my phone" },
    { "핸드폰에서 쓸 메모 앱", "device", "phone", "핸드폰에서" },
    { "a minimalist todo app", "style", "minimal", "minimalist" },
    { "카드 형태로 보는 사진 앱", "style", "cards", "카드 형태로" },
    { "a react todo app", "stack", "react", "react" },
    { "a shopping list for my family", "audience", "family", "for my family" },
    { "우리 가족 장보기 앱", "audience", "family", "우리 가족" },
};

static bool has_constraint(const json_t *output, size_t row)
{
    size_t i;
    json_t *constraint;

    json_array_foreach (json_object_get(output, "constraints"), i, constraint)
        if (strcmp(text_of(constraint, "kind"), constraints[row].kind) == 0 &&
            strcmp(text_of(constraint, "what"), constraints[row].what) == 0 &&
            strcmp(text_of(constraint, "from"), constraints[row].from) == 0)
            return true;
    return false;
}

static void each_request_of_people_has_its_title(void **state)
{
    json_error_t error;
    json_t *rows = json_load_file(TEST_SRCDIR "/tests/data/requests-people.json", 0, &error);
    size_t i;
    json_t *row;

    (void)state;
    assert_non_null(rows);
    json_array_foreach (rows, i, row) {
        json_t *output = understand(text_of(row, "request"));

        if (!json_equal(json_object_get(json_object_get(output, "title"), "text"),
                        json_object_get(row, "title")))
            fail_msg("%s: %s", text_of(row, "request"), json_dumps(output, 0));
        json_decref(output);
    }
    json_decref(rows);
}

static void each_constraint_is_found_with_its_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(constraints) / sizeof(constraints[0]); i++) {
        json_t *output = understand(constraints[i].request);

        if (!has_constraint(output, i))
            fail_msg("%s: %s", constraints[i].request, json_dumps(output, 0));
        json_decref(output);
    }
}

static const struct {
    const char *request, *kind;
} unconstrained[] = {
    { "a contact list with phone number", "device" }, { "a todo app with login", "exclude" },
    { "로그인이 있는 메모 앱", "exclude" },           { "마감일을 잊지 않게 해주는 앱", "exclude" },
    { "without login, but with search", "offline" },
};

static void what_is_not_said_is_no_constraint(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(unconstrained) / sizeof(unconstrained[0]); i++) {
        json_t *output = understand(unconstrained[i].request);
        size_t at;
        json_t *constraint;

        json_array_foreach (json_object_get(output, "constraints"), at, constraint)
            if (strcmp(text_of(constraint, "kind"), unconstrained[i].kind) == 0)
                fail_msg("%s: %s", unconstrained[i].request, text_of(constraint, "from"));
        json_decref(output);
    }
}

static const struct {
    const char *request;
    size_t length; /* 0: that of the string */
    enum td_code code;
    const char *want;
} refused[] = {
    { "", 0, TD_E_INVAL, "the request is empty" },
    { " \t\r\n \xE3\x80\x80", 0, TD_E_INVAL, "the request is blank" },
    { "!!! ... ???", 0, TD_E_INVAL, "the request has no words, only signs" },
    { "\xF0\x9F\x8E\x89\xF0\x9F\x8E\x89", 0, TD_E_INVAL, "the request has no words, only signs" },
    { "a todo\x07 app", 0, TD_E_INVAL, "the request has the control character U+0007 at byte 6" },
    { "a todo\0 app", 11, TD_E_INVAL, "the request has the control character U+0000 at byte 6" },
    { "a todo\x7F app", 0, TD_E_INVAL, "the request has the control character U+007F at byte 6" },
    { "a \xED\xA0\x80 app", 0, TD_E_INVAL, "the request is not UTF-8 at byte 2 (0xed)" },
    { "a \xFF app", 0, TD_E_INVAL, "the request is not UTF-8 at byte 2 (0xff)" },
    { "a \xC0\xAF app", 0, TD_E_INVAL, "the request is not UTF-8 at byte 2 (0xc0)" },
};

static void each_refusal_is_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        size_t length = refused[i].length > 0 ? refused[i].length : strlen(refused[i].request);
        json_t *input = json_object();
        struct td_err err;

        json_object_set_new(input, "request", json_stringn_nocheck(refused[i].request, length));
        assert_null(agent_call(agent, "understand", input, &err));
        assert_int_equal(err.code, refused[i].code);
        assert_string_equal(err.text, refused[i].want);
        assert_true(err.hint[0] != '\0');
    }
}

static void a_request_past_the_limit_is_refused(void **state)
{
    char *text = malloc(1 << 20);
    struct td_err err;

    (void)state;
    memset(text, 'a', 1 << 20);
    assert_null(agent_call(agent, "understand",
                           json_pack("{s:s%}", "request", text, (size_t)1 << 20), &err));
    assert_int_equal(err.code, TD_E_LIMIT);
    assert_string_equal(err.text, "the request has 1048576 bytes, more than the limit of 16384");
    free(text);
}

static void an_unknown_language_is_refused(void **state)
{
    struct td_err err;

    (void)state;
    assert_null(agent_call(agent, "understand",
                           agent_json("{'request': 'a todo app', 'lang': 'fr'}"), &err));
    assert_string_equal(err.text, "language \"fr\" is not one of \"en\", \"ko\"");
}

static const struct {
    const char *request, *given, *name, *title;
} given_names[] = {
    { "a todo app", "../My App/..", "my-app", "My App" },
    { "a todo app", "my-thing", "my-thing", "My Thing" },
    { "a todo app", "iPlan", "iplan", "iPlan" },
    { "a todo app called Done", "my-thing", "my-thing", "Done" },
    { "a todo app", "할일 지기", "task-jigi", "할일 지기" },
    { "'책갈피'라는 독서 앱", "books", "books", "책갈피" },
    { "a todo app", "//", "app", "App" },
};

/* It is the title, too, unless the request has one. */
static void a_given_name_is_made_safe(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(given_names) / sizeof(given_names[0]); i++) {
        struct td_err err;
        json_t *output = agent_call(agent, "understand",
                                    json_pack("{s:s, s:s}", "request", given_names[i].request,
                                              "name", given_names[i].given),
                                    &err);

        assert_non_null(output);
        assert_string_equal(text_of(output, "name"), given_names[i].name);
        assert_string_equal(text_of(json_object_get(output, "title"), "text"),
                            given_names[i].title);
        json_decref(output);
    }
}

static void names_are_short(void **state)
{
    json_t *output = understand(
        "a very particularly extraordinarily complicatedlylongnamed bookkeepingthing tracker");

    (void)state;
    assert_true(strlen(text_of(output, "name")) <= 32);
    json_decref(output);
}

static void clauses_say_where_they_stand(void **state)
{
    json_t *output = understand("독서 앱.  별점, 태그!\n검색");
    const char *text = text_of(output, "text");
    size_t i;
    json_t *clause;

    (void)state;
    assert_int_equal(json_array_size(json_object_get(output, "clauses")), 3);
    json_array_foreach (json_object_get(output, "clauses"), i, clause) {
        size_t first = (size_t)json_integer_value(json_object_get(clause, "start"));
        size_t end = (size_t)json_integer_value(json_object_get(clause, "end"));

        assert_int_equal(end - first, strlen(text_of(clause, "text")));
        assert_memory_equal(text + first, text_of(clause, "text"), end - first);
    }
    json_decref(output);
}

static void text_is_normalised(void **state)
{
    json_t *output = understand(
        "  \xE1\x84\x83\xE1\x85\xA9\xE1\x86\xA8\xE1\x84\x89\xE1\x85\xA5 \t “앱”\r\n\r\n검색 ");

    (void)state;
    assert_string_equal(text_of(output, "text"), "독서 \"앱\"\n검색");
    json_decref(output);
}

static void markup_is_just_text(void **state)
{
    json_t *output = understand("<b>{{x}}</b> ${y} todo app");

    (void)state;
    assert_string_equal(text_of(output, "text"), "<b>{{x}}</b> ${y} todo app");
    json_decref(output);
}

static void no_memory_is_told(void **state)
{
    json_t *input = agent_json("{'request': 'a todo app without login. 검색'}");
    bool is_over = false;

    (void)state;
    for (unsigned n = 1; !is_over; n++) {
        struct td_err err = { .code = TD_OK };
        json_t *output;

        alloc_fail_at(n);
        output = agent_call(agent, "understand", json_incref(input), &err);
        is_over = !alloc_fail_end();
        if (output == NULL)
            assert_int_equal(err.code, TD_E_NOMEM);
        json_decref(output);
    }
    json_decref(input);
}

static void a_missing_folder_is_told(void **state)
{
    struct agent *other = agent_new("tests/nowhere", "conf");
    struct td_err err;

    (void)state;
    assert_int_equal(agent_start(other, &err), -1);
    assert_int_equal(err.code, TD_E_IO);
    assert_non_null(strstr(err.text, "could not open data file"));
    assert_non_null(strstr(err.text, "tests/nowhere/data/english.json"));
    agent_free(other);
}

static const struct {
    const char *content, *want;
} broken[] = {
    { "{", "could not read the word lists: %s:1:1: " },
    { "[]", "could not read the word lists: %s:" },
    { "{}", "could not read the word lists: english.json: key \"determiners\" is missing, must be "
            "an array" },
    { "{\"determiners\": [\"\"]}",
      "could not read the word lists: english.json: key \"determiners\": item 1 must be a "
      "string that is not empty" },
};

static void each_mistake_in_a_file_is_named(void **state)
{
    static const char *const others[] = { "korean.json", "words.json", "frames.json",
                                          "features.json", "naming.json" };

    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        char *folder = agent_folder();
        struct agent *other;
        struct td_err err;
        char want[512];

        agent_write(folder, "data/english.json", broken[i].content);
        for (size_t k = 0; k < sizeof(others) / sizeof(others[0]); k++) {
            char name[64];

            snprintf(name, sizeof(name), "data/%s", others[k]);
            agent_write(folder, name, "{}");
        }
        other = agent_new(FOLDER, "conf");
        free(other->folder);
        other->folder = strdup(folder);
        assert_int_equal(agent_start(other, &err), -1);
        assert_int_equal(err.code, TD_E_CONFIG);
        snprintf(want, sizeof(want), "%s", broken[i].want);
        if (strstr(want, "%s") != NULL)
            *strstr(want, "%s") = '\0';
        assert_memory_equal(err.text, want, strlen(want));
        agent_free(other);
        agent_clear(folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_has_language_title_name_and_domain),
        cmocka_unit_test(each_request_of_people_has_its_title),
        cmocka_unit_test(each_constraint_is_found_with_its_words),
        cmocka_unit_test(what_is_not_said_is_no_constraint),
        cmocka_unit_test(each_refusal_is_told),
        cmocka_unit_test(a_request_past_the_limit_is_refused),
        cmocka_unit_test(an_unknown_language_is_refused),
        cmocka_unit_test(a_given_name_is_made_safe),
        cmocka_unit_test(names_are_short),
        cmocka_unit_test(clauses_say_where_they_stand),
        cmocka_unit_test(text_is_normalised),
        cmocka_unit_test(markup_is_just_text),
        cmocka_unit_test(no_memory_is_told),
        cmocka_unit_test(a_missing_folder_is_told),
        cmocka_unit_test(each_mistake_in_a_file_is_named),
    };

    alloc_fail_setup();
    return cmocka_run_group_tests(tests, start, stop);
}
