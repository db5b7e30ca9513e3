#include "core/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

using testing::HasSubstr;

TEST(Json, GoesToAFileAndBack) {
  ScratchFolder folder;
  const Json value = {{"z", 1}, {"a", {1.5, 0.1, "ü"}}, {"none", nullptr}};
  write_json(folder / "a.json", value);
  EXPECT_EQ(read_json(folder / "a.json"), value);
  EXPECT_EQ(read_file(folder / "a.json").substr(0, 8), "{\n  \"a\":");  // keys sorted
  EXPECT_EQ(read_file(folder / "a.json").back(), '\n');
}

TEST(Json, ErrorsNameFileAndPosition) {
  ScratchFolder folder;
  write_file(folder / "bad.json", "{\n  \"a\": 1,\n  \"b\" 2\n}");
  const std::string message = message_of<Error>([&] { read_json(folder / "bad.json"); });
  EXPECT_THAT(message, HasSubstr("bad.json"));
  EXPECT_THAT(message, HasSubstr("line 3"));
  EXPECT_THAT(message, testing::Not(HasSubstr("json.exception")));
}

TEST(Json, RefusesAKeyTwiceAlsoInside) {
  EXPECT_THROW(parse_json(R"({"a": 1, "a": 2})", "x"), Error);
  EXPECT_THROW(parse_json(R"({"a": {"b": 1, "b": 2}})", "x"), Error);
  EXPECT_NO_THROW(parse_json(R"([{"a": 1}, {"a": 2, "b": {"a": 3}}])", "x"));
}

TEST(Json, RefusesEveryOtherDamage) {
  for (const char* text : {"", "{", "[1,]", "nul", "{\"a\":\"\xff\"}", "1 2", "[1e999]"})
    EXPECT_THROW(parse_json(text, "x"), Error) << text;
  EXPECT_THROW(parse_json(std::string(100'000, '['), "x"), Error);
}

TEST(Json, BytesThatAreNotUtf8AreReplaced) {
  EXPECT_EQ(to_text(Json{{"name", "a\xff"}}), "{\n  \"name\": \"a\xEF\xBF\xBD\"\n}\n");
}

}  // namespace
}  // namespace kizu
