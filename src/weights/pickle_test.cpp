#include "weights/pickle.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/error.h"
#include "weights/pickle_writer.h"

namespace kizu {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;
using Kind = Pickle::Kind;

std::string pickle_of(std::string_view instructions) {
  return PickleWriter().raw(instructions).bytes();
}

void expect_refused(std::string_view instructions, const std::string& why) {
  const std::string bytes = pickle_of(instructions);
  EXPECT_THAT([&] { Pickle(bytes, "f.ckpt"); },
              ThrowsMessage<Error>(testing::AllOf(HasSubstr("f.ckpt"), HasSubstr(why))))
      << why;
}

std::string repeat(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; i++) all += text;
  return all;
}

TEST(Pickle, ReadsWhatTheWriterWrote) {
  const std::string bytes =
      PickleWriter().begin_dict().text("a").integer(-7).text("b").none().end_dict().bytes() + "behind";
  const Pickle pickle(bytes, "f.ckpt");
  EXPECT_EQ(pickle.size(), bytes.size() - 6);
  EXPECT_EQ(pickle.at(pickle.find(pickle.root(), "a")).integer, -7);
  EXPECT_EQ(pickle.at(pickle.find(pickle.root(), "b")).kind, Kind::None);
  EXPECT_EQ(pickle.find(pickle.root(), "c"), Pickle::kNone);
}

TEST(Pickle, ReadsNumbersOfEveryWidth) {
  const auto integer = [](std::string_view instructions) {
    const std::string bytes = pickle_of(instructions);
    const Pickle pickle(bytes, "f.ckpt");
    EXPECT_EQ(pickle.at(pickle.root()).kind, Kind::Integer);
    return pickle.at(pickle.root()).integer;
  };
  EXPECT_EQ(integer("K\xFF"), 255);
  EXPECT_EQ(integer({"M\xFF\xFF", 3}), 65535);
  EXPECT_EQ(integer("J\xFE\xFF\xFF\xFF"), -2);
  EXPECT_EQ(integer({"\x8A\x00", 2}), 0);
  EXPECT_EQ(integer("\x8A\x01\x80"), -128);
  EXPECT_EQ(integer("\x8A\x08\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F"), INT64_MAX);
  const std::string large = pickle_of("\x8A\x09\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01");
  EXPECT_EQ(Pickle(large, "f").at(0).kind, Kind::Long);
  const std::string real = pickle_of({"G\x3F\xF8\0\0\0\0\0\0", 9});
  EXPECT_EQ(Pickle(real, "f").at(0).number, 1.5);
}

TEST(Pickle, OnlyWhatTensorsNeedMayBeCalled) {
  for (const char* name :
       {"os\nsystem", "posix\nsystem", "builtins\nexec", "builtins\neval", "__builtin__\neval",
        "subprocess\nPopen", "builtins\ngetattr", "torch\nload", "torch.hub\nload", "numpy\nload",
        "runpy\nrun_path", "torch.nn.modules.container\nModuleDict", "collections\nOrderedDict2",
        "torch._utils\n_rebuild_tensor_v2x"}) {
    std::string shown(name);
    shown.replace(shown.find('\n'), 1, ".");
    expect_refused("c" + std::string(name) + "\n)R", "it calls " + shown + ", which");
  }
  // By STACK_GLOBAL, from a name put together from the memo.
  expect_refused(
      "\x8C\x05posixq\x01"
      "0\x8C\x06systemq\x02"
      "0h\x01h\x02\x93)R",
      "it calls posix.system");
}

TEST(Pickle, ObjectsOfUnknownClassesAreKeptClosed) {
  // Made without their constructor, in the ways of Python 3 and 2; attributes are set.
  for (const char* make : {"cmy.code\nCallback\n)\x81",
                           "ccopy_reg\n_reconstructor\n(cmy.code\nCallback\nc__builtin__\nobject\nNtR"}) {
    const std::string bytes = pickle_of(std::string(make) +
                                        "}U\x01"
                                        "bK\x06sb");
    const Pickle pickle(bytes, "f.ckpt");
    EXPECT_EQ(pickle.at(pickle.root()).kind, Kind::Opaque);
    EXPECT_EQ(pickle.at(pickle.root()).text, "my.code.Callback");
    EXPECT_EQ(pickle.find(pickle.root(), "b"), Pickle::kNone);
  }
  // A call would run code of the class, and is refused.
  expect_refused("cmy.code\nCallback\n)R", "it calls my.code.Callback");
  // Nothing would be run here either, but nobody needs such an object.
  for (const char* name :
       {"os\nsystem", "posix\nsystem", "builtins\nexec", "__builtin__\neval", "subprocess\nPopen",
        "runpy\nrun_path", "os.path\njoin", "importlib\nimport_module"}) {
    std::string shown(name);
    shown.replace(shown.find('\n'), 1, ".");
    expect_refused("c" + std::string(name) + "\n)\x81", "it calls " + shown + ", which");
  }
  // What is harmless only as a call, and what a call of it would make data of.
  expect_refused("cnumpy\ndtype\n)\x81", "it calls numpy.dtype");
  expect_refused("ctorch._utils\n_rebuild_tensor_v2\n)\x81", "it calls torch._utils._rebuild_tensor_v2");
}

TEST(Pickle, ObjectsOfTheTrainerAreKeptClosed) {
  // A dictionary of Lightning's own with an entry and attributes, made anew and by a call; a path.
  for (const char* make : {")\x81", ")R"}) {
    const std::string bytes =
        pickle_of(std::string("cpytorch_lightning.utilities.parsing\nAttributeDict\n") + make +
                  "U\x01"
                  "aK\x05s}U\x01"
                  "bK\x06sb");
    const Pickle pickle(bytes, "f.ckpt");
    EXPECT_EQ(pickle.at(pickle.root()).kind, Kind::Opaque);
    EXPECT_EQ(pickle.at(pickle.root()).text, "pytorch_lightning.utilities.parsing.AttributeDict");
    EXPECT_EQ(pickle.find(pickle.root(), "a"), Pickle::kNone);
  }
  const std::string path = pickle_of(
      "cpathlib\nPosixPath\nU\x03"
      "tmp\x85R");
  EXPECT_EQ(Pickle(path, "f.ckpt").at(0).text, "pathlib.PosixPath");
  expect_refused("clightning_evil\nrun\n)R", "it calls lightning_evil.run");
  expect_refused("cpathlib\nPath.unlink\n)R", "it calls pathlib.Path.unlink");
}

TEST(Pickle, ADictionaryOfPython2IsAListOfPairs) {
  const std::string entries =
      "](](U\x01"
      "aK\x05"
      "e](U\x01"
      "bK\x06"
      "ee";
  const std::string bytes = pickle_of("ccollections\nOrderedDict\n" + entries + "\x85R");
  const Pickle pickle(bytes, "f.pth");
  EXPECT_EQ(pickle.at(pickle.root()).kind, Kind::Dict);
  EXPECT_EQ(pickle.at(pickle.find(pickle.root(), "a")).integer, 5);
  EXPECT_EQ(pickle.at(pickle.find(pickle.root(), "b")).integer, 6);
  expect_refused("ccollections\nOrderedDict\nK\x01\x85R", "not made from a list");
  expect_refused(
      "ccollections\nOrderedDict\n](](K\x01"
      "ee\x85R",
      "no key with its value");
  expect_refused(
      "ccollections\nOrderedDict\n](K\x01"
      "e\x85R",
      "no key with its value");
  expect_refused("ccollections\nOrderedDict\n]]\x86R", "it calls collections.OrderedDict");
}

TEST(Pickle, AClassThatIsOnlyNamedIsAName) {
  const std::string bytes = pickle_of("cos\nsystem\n");
  const Pickle pickle(bytes, "f.ckpt");
  EXPECT_EQ(pickle.at(pickle.root()).kind, Kind::Class);
  EXPECT_EQ(pickle.at(pickle.root()).text, "os.system");
}

TEST(Pickle, InstructionsThatWouldRunOrReachOutAreUnknown) {
  // INST, OBJ, NEWOBJ_EX, EXT1, EXT2, EXT4, PERSID, GET, PUT, STRING, NEXT_BUFFER and one that does not
  // exist.
  for (const char instruction : std::string("io\x92\x82\x83\x84PgpS\x97\xFF"))
    expect_refused(std::string(1, instruction) + "os\nsystem\n", "is none that torch writes");
}

TEST(Pickle, TheStackAndItsMarksAreChecked) {
  expect_refused("", "stack is empty");
  expect_refused("0", "stack is empty");
  expect_refused("(0", "stack is empty");
  expect_refused("K\1(0", "stack is empty");  // below the mark
  expect_refused("t", "mark is missing");
  expect_refused("K\1(", "mark is left over");
  expect_refused("K\1K\2a", "cannot hold it");
  expect_refused("}K\1a", "cannot hold it");
  expect_refused("}(K\1u", "cannot hold it");
  expect_refused("K\1}b", "sets attributes of a value that has none");
  expect_refused("K\1)R", "calls something that is no class");
  expect_refused("cnumpy\ndtype\nK\1R", "without a list of arguments");
}

TEST(Pickle, ThePickleEndsInGoodTime) {
  for (const std::string& bytes :
       {std::string(), std::string("\x80"), std::string("\x80\x02"), std::string("\x80\x02K"),
        std::string("\x80\x02X\xFF\xFF\xFF\xFF"
                    "a."),
        std::string("\x80\x02\x8E\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
                    "a.")})
    EXPECT_THAT([&] { Pickle(bytes, "f.ckpt"); }, ThrowsMessage<Error>(HasSubstr("cut short")));
  expect_refused("cos", "has no end");
  expect_refused("c" + std::string(300, 'a') + "\nb\n", "has no end");
  const std::string old("\x80\x01N."), coming("\x80\x05N.");
  EXPECT_THAT([&] { Pickle(old, "f"); }, ThrowsMessage<Error>(HasSubstr("its protocol is 1, not 2 to 4")));
  EXPECT_THAT([&] { Pickle(coming, "f"); }, ThrowsMessage<Error>(HasSubstr("its protocol is 5")));
}

TEST(Pickle, TheMemoIsChecked) {
  expect_refused("h\x07", "it recalls value 7, which was never remembered");
  expect_refused({"K\1r\xFF\xFF\xFF\x7F", 7}, "remembers more values than any checkpoint needs");
  expect_refused({"j\xFF\xFF\xFF\x7F", 5}, "which was never remembered");
  const std::string bytes = pickle_of(
      "K\1q\x05"
      "0h\x05");
  EXPECT_EQ(Pickle(bytes, "f").at(0).integer, 1);
}

TEST(Pickle, DepthIsLimited) {
  const std::string deep = pickle_of(repeat("]", 90) + repeat("a", 89));
  EXPECT_NO_THROW(Pickle(deep, "f"));
  expect_refused(repeat("]", 200) + repeat("a", 199), "nested too deeply");
  expect_refused(repeat("(", 100000), "nested too deeply");
  expect_refused(")" + repeat("\x85", 100000), "nested too deeply");
  // Deep by reference, though never deep on the stack: each list holds the one before.
  std::string chain =
      "]q\x01"
      "0";
  for (int i = 0; i < 200; i++)
    chain +=
        "]h\x01"
        "aq\x01"
        "0";
  expect_refused(chain + "h\x01", "nested too deeply");
}

TEST(Pickle, AValueThatContainsItselfIsRefused) {
  expect_refused("]q\1h\1a", "contains itself");
  expect_refused("}q\1h\1b", "contains itself");
}

TEST(Pickle, DoublingByReferenceCostsNothing) {
  std::string doubling =
      "]q\x01"
      "0";
  for (int i = 0; i < 60; i++)
    doubling +=
        "](h\x01h\x01"
        "eq\x01"
        "0";
  const std::string bytes = pickle_of(doubling + "h\x01");
  EXPECT_LT(Pickle(bytes, "f").count(), 100u);
}

TEST(Pickle, CountsAreLimited) {
  expect_refused(repeat("K\1", (1 << 20) + 1), "more values than any checkpoint needs");
  expect_refused("K\1q\1" + repeat("h\1", 1 << 20), "stack grows beyond the limit");
  // Four million references to one value, added a million at a time.
  const std::string million = "(" + repeat("h\1", (1 << 20) - 2);
  expect_refused("]q\1" + repeat(million + "1", 3) + repeat("](h\1" + repeat("h\1", (1 << 20) - 4) + "e0", 5),
                 "more values than any checkpoint needs");
}

TEST(Pickle, ObjectsOfParameterDictCarryTheirState) {
  for (const std::string& made :
       {std::string("ctorch.nn.modules.container\nParameterDict\n)\x81"),
        std::string("ccopy_reg\n_reconstructor\n(ctorch.nn.modules.container\nParameterDict\n"
                    "c__builtin__\nobject\nNtR")}) {
    const std::string bytes =
        PickleWriter().raw(made).begin_dict().text("a").integer(1).end_dict().raw("b").bytes();
    const Pickle pickle(bytes, "f");
    const auto& object = pickle.at(pickle.root());
    EXPECT_EQ(object.kind, Kind::Object);
    EXPECT_EQ(pickle.at(pickle.find(object.state, "a")).integer, 1);
  }
  expect_refused("ccopy_reg\n_reconstructor\n(cos\nsystem\nc__builtin__\nobject\nNtR",
                 "it calls copy_reg._reconstructor");
}

}  // namespace
}  // namespace kizu
