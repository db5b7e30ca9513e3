#include "weights/torch_checkpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/memory.h"
#include "core/scratch_folder.h"
#include "weights/pickle_writer.h"
#include "weights/zip_writer.h"

namespace kizu {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

std::string floats(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)};
}

std::vector<float> as_floats(const RawTensor& raw) {
  std::vector<float> values(raw.bytes.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), raw.bytes.data(), raw.bytes.size());
  return values;
}

/// Numbers of a tensor as a file gives them, right or wrong.
struct View {
  std::int32_t offset = 0;
  std::vector<std::int32_t> sizes, strides;
  std::int32_t elements = 12;  ///< of the storage, as announced
  std::string storage = "ctorch\nFloatStorage\n", key = "0";
};

void put(PickleWriter& to, const View& view) {
  to.raw("ctorch._utils\n_rebuild_tensor_v2\n((").text("storage").raw(view.storage);
  to.text(view.key).text("cuda:0").integer(view.elements).raw("tQ").integer(view.offset);
  for (const auto* list : {&view.sizes, &view.strides}) {
    to.raw("(");
    for (const std::int32_t number : *list) to.integer(number);
    to.raw("t");
  }
  to.raw("\x89").raw("ccollections\nOrderedDict\n)RtR");
}

std::string archive(const std::string& pickle, const std::string& storage) {
  return zip_of({{"any/data.pkl", pickle}, {"any/data/0", storage}, {"any/version", "3\n"}});
}

/// A checkpoint whose one tensor "w" looks at twelve floats 0 .. 11.
std::string with_view(const View& view, const std::string& storage = {}) {
  std::vector<float> values(12);
  for (std::size_t i = 0; i < values.size(); i++) values[i] = static_cast<float>(i);
  PickleWriter pickle;
  pickle.begin_dict().text("w");
  put(pickle, view);
  return archive(pickle.end_dict().bytes(), storage.empty() ? floats(values) : storage);
}

std::vector<float> values_of(const View& view) {
  const std::string bytes = with_view(view);
  return as_floats(TorchCheckpoint(bytes, "f.ckpt").read("w"));
}

void expect_refused(const std::string& bytes, const std::string& why) {
  EXPECT_THAT(
      [&] {
        const TorchCheckpoint checkpoint(bytes, "f.ckpt");
        for (const auto& [name, info] : checkpoint.tensors()) checkpoint.read(name);
      },
      ThrowsMessage<Error>(AllOf(HasSubstr("f.ckpt"), HasSubstr(why))));
}

TEST(TorchCheckpoint, ReadsViewsByTheirStrides) {
  EXPECT_THAT(values_of({0, {2, 2}, {2, 1}}), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(values_of({0, {3, 2}, {1, 3}}), ElementsAre(0, 3, 1, 4, 2, 5));  // transposed
  EXPECT_THAT(values_of({5, {2, 2}, {4, 2}}), ElementsAre(5, 7, 9, 11));       // a slice
  EXPECT_THAT(values_of({7, {2, 3}, {0, 1}}), ElementsAre(7, 8, 9, 7, 8, 9));  // expanded
  EXPECT_THAT(values_of({11, {}, {}}), ElementsAre(11));                       // a scalar
  EXPECT_THAT(values_of({12, {0, 7}, {7, 1}}), ElementsAre());                 // empty, at the end
  EXPECT_THAT(values_of({2, {1, 3}, {1000000, 1}}), ElementsAre(2, 3, 4));     // a stride that is never used
}

TEST(TorchCheckpoint, WhatReachesBeyondItsStorageIsRefused) {
  const std::int32_t most = 0x7FFFFFFF;
  for (const View& view : std::vector<View>{{12, {1}, {1}},
                                            {9, {4}, {1}},
                                            {0, {2, 2}, {11, 1}},
                                            {0, {1000, 1000}, {1000, 1}},
                                            {13, {0}, {1}},
                                            {most, {2}, {most}}})
    expect_refused(with_view(view), "tensor \"w\": it reaches beyond its storage of 12 elements");
  expect_refused(with_view({-4, {1}, {1}}), "its offset is not a whole number from 0");
  expect_refused(with_view({0, {-1}, {1}}), "its size is not a whole number from 0");
  expect_refused(with_view({0, {2}, {-1}}), "its strides is not a whole number from 0");
  expect_refused(with_view({0, {2, 2}, {1}}), "sizes and strides differ in number");
  expect_refused(with_view({0, std::vector<std::int32_t>(17, 1), std::vector<std::int32_t>(17, 1)}),
                 "more than 16 entries");
  for (const View& view : std::vector<View>{{0, {most, most, most}, {0, 0, 0}},  // beyond 64 bits of bytes
                                            {0, {0, most, most, most}, {1, 1, 1, 1}},
                                            {0, {most, most, most}, {most, most, most}}})
    expect_refused(with_view(view), "too large for any machine");
  expect_refused(with_view({0, {70000, 70000}, {0, 0}}), "would be larger than the whole file");
}

TEST(TorchCheckpoint, AStorageMustBeWhatItsTensorsNeed) {
  View view{0, {2}, {1}};
  view.elements = 13;
  expect_refused(with_view(view), "storage 0 has 48 bytes where 13 elements are announced");
  expect_refused(with_view({0, {2}, {1}}, "odd"), "storage 0 has 3 bytes");
  view = {0, {2}, {1}};
  view.key = "../../etc/passwd";
  expect_refused(with_view(view), "is missing");
  view.key = "0";
  view.storage = "ctorch\nQInt8Storage\n";
  expect_refused(with_view(view), "unknown type torch.QInt8Storage");
  view.storage = "cevil\nFloatStorage\n";
  expect_refused(with_view(view), "unknown type evil.FloatStorage");
}

TEST(TorchCheckpoint, ReadsHalfPrecisionAsItIs) {
  View view{1, {2}, {1}, 3, "ctorch\nBFloat16Storage\n"};
  std::string bytes = with_view(view, "\x01\x02\x03\x04\x05\x06");
  const RawTensor raw = TorchCheckpoint(bytes, "f").read("w");
  EXPECT_EQ(raw.dtype, Dtype::BF16);
  EXPECT_THAT(raw.bytes, ElementsAre(3, 4, 5, 6));
  view.storage = "ctorch.cuda\nHalfStorage\n";
  bytes = with_view(view, "\x01\x02\x03\x04\x05\x06");
  EXPECT_EQ(TorchCheckpoint(bytes, "f").tensors().at("w").dtype, Dtype::F16);
}

TEST(TorchCheckpoint, CallbacksOfLightningAreSkippedAsNames) {
  PickleWriter pickle;
  pickle.begin_dict().text("epoch").integer(4).text("callbacks").begin_dict();
  pickle.raw("cpytorch_lightning.callbacks.model_checkpoint\nModelCheckpoint\n");
  pickle.begin_dict().text("best_model_path").text("/x").end_dict().end_dict();
  pickle.text("optimizer_states").raw("](").begin_dict().text("state").raw("}").end_dict().raw("e");
  pickle.text("state_dict").begin_dict().text("a.weight");
  put(pickle, {0, {2}, {1}});
  const std::string bytes = archive(pickle.end_dict().end_dict().bytes(), std::string(48, '\0'));
  const TorchCheckpoint checkpoint(bytes, "f.ckpt");
  ASSERT_EQ(checkpoint.tensors().size(), 1u);
  EXPECT_EQ(checkpoint.tensors().begin()->first, "a.weight");
  EXPECT_EQ(checkpoint.numbers().at("epoch"), 4);
}

TEST(TorchCheckpoint, ATensorThatNobodyAsksForIsCheckedToo) {
  PickleWriter pickle;
  pickle.begin_dict().text("optimizer");
  put(pickle, {0, {99}, {1}});
  pickle.text("state_dict").begin_dict().text("a");
  put(pickle, {0, {2}, {1}});
  expect_refused(archive(pickle.end_dict().end_dict().bytes(), std::string(48, '\0')), "reaches beyond");
}

TEST(TorchCheckpoint, NamesFromAFileCannotSteerATerminal) {
  PickleWriter pickle;
  pickle.begin_dict().text("\x1B[2J");
  put(pickle, {0, {99}, {1}});
  expect_refused(archive(pickle.end_dict().bytes(), std::string(48, '\0')), "tensor \"?[2J\"");
}

TEST(TorchCheckpoint, AnArchiveOfSomethingElseIsRefused) {
  expect_refused(zip_of({{"word/document.xml", "x"}}), "without data.pkl");
  expect_refused(zip_of({{"a/data.pkl", "x"}, {"b/data/0", "x"}}), "is not in the folder of the others");
  expect_refused(zip_of({{"a/data.pkl", PickleWriter().raw("}").bytes()}, {"a/byteorder", "big"}}),
                 "big-endian machine");
  expect_refused(archive(PickleWriter().raw("}").bytes(), ""), "no tensors under names");
}

// ---- the container before torch 1.6

std::string legacy(const std::string& object, const std::string& keys, const std::string& storages) {
  const std::string magic = PickleWriter().raw("\x8A\x0A\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19").bytes();
  const std::string machine =
      PickleWriter().begin_dict().text("little_endian").raw("\x88").end_dict().bytes();
  return magic + PickleWriter().integer(1001).bytes() + machine + object + keys + storages;
}

std::string legacy_object(const View& view) {
  PickleWriter pickle;
  pickle.begin_dict()
      .text("w")
      .raw("ctorch._utils\n_rebuild_tensor_v2\n((")
      .text("storage")
      .raw(view.storage);
  pickle.text(view.key).text("cpu").integer(view.elements).raw("NtQ").integer(view.offset);
  for (const auto* list : {&view.sizes, &view.strides}) {
    pickle.raw("(");
    for (const std::int32_t number : *list) pickle.integer(number);
    pickle.raw("t");
  }
  return pickle.raw("\x89").raw("ccollections\nOrderedDict\n)RtR").end_dict().bytes();
}

std::string key_list(const std::vector<std::string>& keys) {
  PickleWriter pickle;
  pickle.raw("](");
  for (const std::string& key : keys) pickle.text(key);
  return pickle.raw("e").bytes();
}

std::string counted(std::uint64_t count, const std::string& bytes) {
  return std::string(reinterpret_cast<const char*>(&count), sizeof count) + bytes;
}

TEST(LegacyContainer, ReadsItsTensors) {
  const View view{1, {2}, {1}, 3};
  const std::string file = legacy(legacy_object(view), key_list({"0"}), counted(3, floats({1, 2, 3})));
  EXPECT_THAT(as_floats(TorchCheckpoint(file, "f").read("w")), ElementsAre(2, 3));
}

TEST(LegacyContainer, DamageIsRefused) {
  const std::string object = legacy_object({0, {3}, {1}, 3}), keys = key_list({"0"});
  const std::string values = floats({1, 2, 3});
  const std::string whole = legacy(object, keys, counted(3, values));
  for (std::size_t size = 1; size < whole.size(); size++)
    EXPECT_THROW(TorchCheckpoint(std::string_view(whole).substr(0, size), "f"), Error) << size;
  expect_refused(whole + "x", "bytes follow its last tensor");
  expect_refused(legacy(object, keys, counted(2, values)), "2 elements where its tensors need 3");
  expect_refused(legacy(legacy_object({0, {3}, {1}, 0x7FFFFFFF}), keys, counted(0x7FFFFFFF, values)),
                 "ends before its last tensor");
  expect_refused(legacy(object, key_list({"0", "0"}), counted(3, values) + counted(3, values)),
                 "there twice");
  expect_refused(legacy(object, key_list({"1"}), counted(3, values)), "names one that no tensor uses");
  expect_refused(legacy(object, key_list({}), ""), "the values of tensor \"w\" are missing");
  expect_refused(PickleWriter().integer(5).bytes(), "a pickle, but not one of torch");
}

// ---- memory

TEST(TorchCheckpoint, ReadingKeepsOneTensorInMemory) {
  constexpr std::int64_t kElements = 8 << 20;  // 32 MB
  const ScratchFolder folder;
  {
    std::vector<ZipContent> entries(1);
    PickleWriter pickle;
    pickle.begin_dict();
    for (const char* key : {"0", "1", "2", "3", "4", "5", "6", "7"}) {
      pickle.text(key).tensor({Dtype::F32, {kElements}}, key);
      entries.push_back({std::string("a/data/") + key, std::string(kElements * 4, 'x')});
    }
    entries[0] = {"a/data.pkl", pickle.end_dict().bytes()};
    write_file(folder / "f.ckpt", zip_of(entries));
  }
  const TorchCheckpoint checkpoint(folder / "f.ckpt");
  std::uint64_t most = 0;
  const std::uint64_t before = resident_bytes();
  for (const auto& [name, info] : checkpoint.tensors()) {
    const RawTensor raw = checkpoint.read(name);
    ASSERT_EQ(raw.bytes[12345], 'x');
    most = std::max(most, resident_bytes() - std::min(before, resident_bytes()));
  }
  EXPECT_GT(most, 30u << 20);
  EXPECT_LT(most, 64u << 20) << "more than twice the largest tensor";
}

}  // namespace
}  // namespace kizu
