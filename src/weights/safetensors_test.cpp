#include "weights/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"
#include "core/scratch_folder.h"

namespace kizu {
namespace {

using testing::HasSubstr;

std::string little_endian(std::uint64_t value) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &value, 8);
  return bytes;
}

/// A file with this header and `data` zero bytes.
std::string made(const std::string& header, std::size_t data) {
  return little_endian(header.size()) + header + std::string(data, '\0');
}

std::string refusal(const std::string& bytes) {
  return message_of<Error>([&] { Safetensors::parse(bytes, "some.safetensors"); });
}

std::string entry(const char* dtype, const char* shape, const char* offsets) {
  return std::string(R"({"dtype":")") + dtype + R"(","shape":)" + shape + R"(,"data_offsets":)" + offsets +
         "}";
}

Safetensors sample() {
  Safetensors file;
  file.metadata = {{"format", "pt"}, {"note", "Prüfung \"傷\""}};
  file.tensors["b.bias"] = {Dtype::F16, {3}, {1, 2, 3, 4, 5, 6}};
  file.tensors["a.weight"] = {Dtype::F32, {2, 1}, {1, 2, 3, 4, 5, 6, 7, 8}};
  file.tensors["c.step"] = {Dtype::I64, {}, {9, 0, 0, 0, 0, 0, 0, 0}};
  file.tensors["d.none"] = {Dtype::U8, {0, 4}, {}};
  file.tensors["e.flag"] = {Dtype::Bool, {1}, {1}};
  return file;
}

TEST(Safetensors, GoesToAFileAndBack) {
  ScratchFolder folder;
  const Safetensors file = sample();
  file.write(folder / "a b.safetensors");
  const Safetensors back = Safetensors::read(folder / "a b.safetensors");
  EXPECT_EQ(back.metadata, file.metadata);
  ASSERT_EQ(back.tensors.size(), file.tensors.size());
  for (const auto& [name, tensor] : file.tensors) {
    EXPECT_EQ(back.tensors.at(name).dtype, tensor.dtype) << name;
    EXPECT_EQ(back.tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(back.tensors.at(name).bytes, tensor.bytes) << name;
  }
}

TEST(Safetensors, EveryDtypeHasItsNameAndSize) {
  const std::pair<const char*, Dtype> names[] = {
      {"F64", Dtype::F64}, {"F32", Dtype::F32},  {"F16", Dtype::F16}, {"BF16", Dtype::BF16},
      {"I64", Dtype::I64}, {"I32", Dtype::I32},  {"I16", Dtype::I16}, {"I8", Dtype::I8},
      {"U8", Dtype::U8},   {"BOOL", Dtype::Bool}};
  for (const auto& [name, dtype] : names) {
    const std::size_t size = size_of(dtype);
    const std::string offsets = "[0," + std::to_string(3 * size) + "]";
    const auto file =
        Safetensors::parse(made(R"({"x":)" + entry(name, "[3]", offsets.c_str()) + "}", 3 * size), "x");
    EXPECT_EQ(file.tensors.at("x").dtype, dtype) << name;
  }
}

TEST(Safetensors, TheFileIsDeterministicAndAligned) {
  ScratchFolder folder;
  sample().write(folder / "a");
  sample().write(folder / "b");
  const std::string bytes = read_file(folder / "a");
  EXPECT_EQ(bytes, read_file(folder / "b"));
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  EXPECT_EQ(header_size % 8, 0u);
  // Each tensor begins at a multiple of its element size, for readers that map the file into memory.
  const Json header = parse_json(bytes.substr(8, header_size), "header");
  for (const auto& [name, value] : header.items()) {
    if (name == "__metadata__") continue;
    const auto begin = value["data_offsets"][0].get<std::uint64_t>();
    EXPECT_EQ(begin % size_of(sample().tensors.at(name).dtype), 0u) << name;
  }
}

TEST(Safetensors, AnEmptyFileOfTensorsIsAllowed) {
  ScratchFolder folder;
  Safetensors{}.write(folder / "none");
  EXPECT_TRUE(Safetensors::read(folder / "none").tensors.empty());
}

TEST(Safetensors, ACutAnywhereIsNoticedAndNamed) {
  ScratchFolder folder;
  Safetensors file = sample();
  file.tensors["f.large"] = {Dtype::U8, {4096}, std::vector<std::uint8_t>(4096, 7)};
  file.write(folder / "whole");
  const std::string bytes = read_file(folder / "whole");
  for (std::size_t length = 0; length < bytes.size(); length += length < 1200 ? 1 : 64) {
    const std::string message = refusal(bytes.substr(0, length));
    ASSERT_THAT(message, testing::StartsWith("some.safetensors")) << length;
  }
  EXPECT_THAT(refusal(bytes.substr(0, bytes.size() - 1)), HasSubstr("cut short"));
  EXPECT_THAT(refusal(bytes + "x"), HasSubstr("1 bytes follow"));
}

TEST(Safetensors, AHugeHeaderIsRefusedWithoutAllocatingIt) {
  EXPECT_THAT(refusal(little_endian(~0ull) + "{}"), HasSubstr("header"));
  EXPECT_THAT(refusal(little_endian(1ull << 62) + "{}"), HasSubstr("header"));
  EXPECT_THAT(refusal(little_endian(30u << 20) + "{}"), HasSubstr("within its header"));
  EXPECT_NE(refusal(""), "");
  EXPECT_NE(refusal("short"), "");
}

TEST(Safetensors, BadHeadersAreRefused) {
  for (const char* header : {"", "[]", "1", "{", "{\"x\":1}", "{\"x\":{}}", "{\"__metadata__\":1}",
                             "{\"__metadata__\":{\"a\":1}}", "{} {}", "\xff{}"})
    EXPECT_NE(refusal(made(header, 0)), "") << header;
  EXPECT_NE(refusal(made(std::string(10'000, '['), 0)), "");
  EXPECT_EQ(refusal(made("{}", 0)), "");
}

TEST(Safetensors, NamesStandOnce) {
  const std::string x = R"("x":)" + entry("U8", "[1]", "[0,1]"), y = R"("x":)" + entry("U8", "[1]", "[1,2]");
  EXPECT_THAT(refusal(made("{" + x + "," + y + "}", 2)), HasSubstr("twice"));
  EXPECT_THAT(refusal(made(R"({"x":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}})", 1)),
              HasSubstr("twice"));
}

TEST(Safetensors, DtypesShapesAndOffsetsAreChecked) {
  const auto one = [](const char* dtype, const char* shape, const char* offsets, std::size_t data) {
    return refusal(made(R"({"x":)" + entry(dtype, shape, offsets) + "}", data));
  };
  EXPECT_EQ(one("F32", "[2]", "[0,8]", 8), "");
  EXPECT_THAT(one("F8_E4M3", "[2]", "[0,2]", 2), HasSubstr("F8_E4M3"));
  EXPECT_THAT(one("f32", "[2]", "[0,8]", 8), HasSubstr("f32"));
  EXPECT_THAT(one("F32", "[-2]", "[0,8]", 8), HasSubstr("-2"));
  EXPECT_THAT(one("F32", "[2.0]", "[0,8]", 8), HasSubstr("whole number"));
  EXPECT_THAT(one("F32", "[\"2\"]", "[0,8]", 8), HasSubstr("whole number"));
  EXPECT_THAT(one("F32", "2", "[0,8]", 8), HasSubstr("not a list"));
  EXPECT_THAT(one("F32", "[3]", "[0,8]", 8), HasSubstr("its shape needs 12"));
  EXPECT_THAT(one("F32", "[4294967296,4294967296]", "[0,8]", 8), HasSubstr("too large"));
  EXPECT_THAT(one("F32", "[4611686018427387904,4]", "[0,0]", 0),
              HasSubstr("too large"));  // 2^66 bytes, 0 modulo 2^64
  EXPECT_THAT(one("F32", "[0,4611686018427387904,4]", "[0,0]", 0), HasSubstr("too large"));
  EXPECT_THAT(one("F32", "[99999999999999999999]", "[0,8]", 8), HasSubstr("whole number"));
  EXPECT_THAT(one("U8", "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", "[0,1]", 1), HasSubstr("dimensions"));
  EXPECT_THAT(one("F32", "[2]", "[8,0]", 8), HasSubstr("ends before"));
  EXPECT_THAT(one("F32", "[2]", "[-8,0]", 8), HasSubstr("-8"));
  EXPECT_THAT(one("F32", "[2]", "[0,8,9]", 9), HasSubstr("two data_offsets"));
  EXPECT_THAT(one("F32", "[2]", "[0,8]", 7), HasSubstr("cut short"));
  EXPECT_THAT(one("F32", "[2]", "[4,12]", 12), HasSubstr("unused bytes"));
  EXPECT_THAT(one("F32", "[2]", "[18446744073709551608,18446744073709551615]", 8), HasSubstr("cut short"));
}

TEST(Safetensors, OverlapsAndGapsAreRefused) {
  const auto two = [](const char* first, const char* second, std::size_t data) {
    return refusal(
        made(R"({"x":)" + entry("U8", "[4]", first) + R"(,"y":)" + entry("U8", "[4]", second) + "}", data));
  };
  EXPECT_EQ(two("[0,4]", "[4,8]", 8), "");
  EXPECT_EQ(two("[4,8]", "[0,4]", 8), "");
  EXPECT_THAT(two("[0,4]", "[3,7]", 7), HasSubstr("overlaps"));
  EXPECT_THAT(two("[0,4]", "[0,4]", 4), HasSubstr("overlaps"));
  EXPECT_THAT(two("[0,4]", "[5,9]", 9), HasSubstr("unused"));
}

TEST(Safetensors, AWriterThatMiscountsIsAssertedOn) {
  ScratchFolder folder;
  Safetensors file;
  file.tensors["x"] = {Dtype::F32, {2}, {1, 2, 3}};
  EXPECT_THROW(file.write(folder / "x"), std::logic_error);
  EXPECT_EQ(folder.count(), 0u);
}

TEST(Safetensors, UnreadablePathsAreNamed) {
  ScratchFolder folder;
  EXPECT_THAT(message_of<Error>([&] { Safetensors::read(folder / "missing.safetensors"); }),
              HasSubstr("missing.safetensors"));
  EXPECT_THROW(Safetensors::read(folder.path()), Error);
}

}  // namespace
}  // namespace kizu
