#include "weights/safetensors.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string_view>

#include "core/atomic_file.h"
#include "core/error.h"
#include "core/input_file.h"
#include "core/json.h"

namespace kizu {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "safetensors bytes are used as they are");

constexpr std::uint64_t kMaxHeader = 32u << 20;
constexpr std::size_t kMaxRank = 16;

struct DtypeName {
  Dtype dtype;
  const char* name;
  std::size_t size;
};
constexpr DtypeName kDtypes[] = {{Dtype::F64, "F64", 8},   {Dtype::F32, "F32", 4}, {Dtype::F16, "F16", 2},
                                 {Dtype::BF16, "BF16", 2}, {Dtype::I64, "I64", 8}, {Dtype::I32, "I32", 4},
                                 {Dtype::I16, "I16", 2},   {Dtype::I8, "I8", 1},   {Dtype::U8, "U8", 1},
                                 {Dtype::Bool, "BOOL", 1}};

const DtypeName& entry(Dtype dtype) {
  return *std::find_if(std::begin(kDtypes), std::end(kDtypes),
                       [&](const auto& e) { return e.dtype == dtype; });
}

/// Where a tensor lies in the data that follow the header.
struct Span {
  std::string name;
  RawTensor* tensor;
  std::uint64_t begin, end;
};

/// Everything that can be wrong with a file ends here, with the file's name before it.
class HeaderReader {
 public:
  HeaderReader(std::string origin, std::uint64_t data_size)
      : origin_(std::move(origin)), data_size_(data_size) {}

  /// Fills metadata, types and shapes of `into`; returns the spans in the order of the data.
  std::vector<Span> parse(const std::string& text, Safetensors& into) const {
    const Json header = parse_json(text, origin_ + ", its header");
    if (!header.is_object()) refuse("the header is not a JSON object");
    std::vector<Span> spans;
    for (const auto& [name, value] : header.items()) {
      if (name == "__metadata__")
        read_metadata(value, into);
      else
        spans.push_back(read_entry(name, value, into.tensors[name]));
    }
    std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    check_cover(spans);
    return spans;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin_ + " is not a usable safetensors file: " + what);
  }

 private:
  void read_metadata(const Json& value, Safetensors& into) const {
    if (!value.is_object()) refuse("__metadata__ is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) refuse("__metadata__ entry \"" + key + "\" is not text");
      into.metadata[key] = text.get<std::string>();
    }
  }

  Span read_entry(const std::string& name, const Json& value, RawTensor& tensor) const {
    const std::string who = "tensor \"" + name + "\" ";
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
        !value.contains("data_offsets"))
      refuse(who + "must have exactly dtype, shape and data_offsets");
    tensor.dtype = read_dtype(who, value.at("dtype"));
    const std::uint64_t bytes = read_shape(who, value.at("shape"), tensor);
    const Json& offsets = value.at("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2) refuse(who + "needs two data_offsets");
    const std::uint64_t begin = read_number(who + "data_offsets", offsets[0]);
    const std::uint64_t end = read_number(who + "data_offsets", offsets[1]);
    if (begin > end) refuse(who + "ends before it begins");
    if (end > data_size_)
      refuse(who + "ends at byte " + std::to_string(end) + " of " + std::to_string(data_size_) +
             "; the file is cut short, copy it again from its source");
    if (end - begin != bytes)
      refuse(who + "has " + std::to_string(end - begin) + " bytes where its shape needs " +
             std::to_string(bytes));
    return {name, &tensor, begin, end};
  }

  Dtype read_dtype(const std::string& who, const Json& value) const {
    if (!value.is_string()) refuse(who + "has a dtype that is not text");
    for (const DtypeName& known : kDtypes)
      if (value.get_ref<const std::string&>() == known.name) return known.dtype;
    refuse(who + "has the unsupported dtype " + value.get<std::string>());
  }

  /// Returns the bytes that the shape needs. Zero dimensions count as one in the overflow check, because
  /// whoever computes strides multiplies the others.
  std::uint64_t read_shape(const std::string& who, const Json& value, RawTensor& tensor) const {
    if (!value.is_array()) refuse(who + "has a shape that is not a list");
    if (value.size() > kMaxRank) refuse(who + "has more than " + std::to_string(kMaxRank) + " dimensions");
    std::uint64_t product = size_of(tensor.dtype);
    bool none = false;
    for (const Json& element : value) {
      const std::uint64_t dimension = read_number(who + "shape", element);
      none = none || dimension == 0;
      const std::uint64_t factor = std::max<std::uint64_t>(dimension, 1);
      if (factor > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / product)
        refuse(who + "has a shape too large for any machine");
      product *= factor;
      tensor.shape.push_back(static_cast<std::int64_t>(dimension));
    }
    return none ? 0 : product;
  }

  std::uint64_t read_number(const std::string& what, const Json& value) const {
    if (!value.is_number_unsigned()) refuse(what + " holds " + value.dump() + ", not a whole number from 0");
    return value.get<std::uint64_t>();
  }

  /// The spans must cover the data exactly: no overlap, no gap, nothing after the last.
  void check_cover(const std::vector<Span>& spans) const {
    std::uint64_t at = 0;
    for (const Span& span : spans) {
      if (span.begin < at) refuse("tensor \"" + span.name + "\" overlaps the one before it");
      if (span.begin > at) refuse("there are unused bytes before tensor \"" + span.name + "\"");
      at = span.end;
    }
    if (at != data_size_) refuse(std::to_string(data_size_ - at) + " bytes follow the last tensor");
  }

  std::string origin_;
  std::uint64_t data_size_;
};

/// `source` has size() and read(void*, count).
template <typename Source>
Safetensors read_from(Source& source, const std::string& origin) {
  HeaderReader start(origin, 0);
  std::uint64_t header_size = 0;
  if (source.size() < sizeof header_size)
    start.refuse("it has only " + std::to_string(source.size()) + " bytes");
  source.read(&header_size, sizeof header_size);
  const std::uint64_t rest = source.size() - sizeof header_size;
  if (header_size > kMaxHeader)
    start.refuse("its header would have " + std::to_string(header_size) + " bytes");
  if (header_size > rest) start.refuse("it ends within its header; copy it again from its source");
  std::string text(static_cast<std::size_t>(header_size), '\0');
  source.read(text.data(), text.size());

  Safetensors result;
  for (const Span& span : HeaderReader(origin, rest - header_size).parse(text, result)) {
    span.tensor->bytes.resize(static_cast<std::size_t>(span.end - span.begin));
    source.read(span.tensor->bytes.data(), span.tensor->bytes.size());
  }
  return result;
}

/// Bytes in memory with the face of an InputFile.
struct MemorySource {
  std::string_view bytes;
  std::size_t at = 0;
  std::uint64_t size() const { return bytes.size(); }
  void read(void* into, std::size_t count) {
    if (count > 0) std::memcpy(into, bytes.data() + at, count);
    at += count;
  }
};

using Entry = std::pair<const std::string, RawTensor>;

/// Wide types first, then by name, as the reference writer does: every tensor is aligned to its element size.
std::vector<const Entry*> writing_order(const Safetensors& file) {
  std::vector<const Entry*> order;
  for (const Entry& tensor : file.tensors) order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) {
    return size_of(a->second.dtype) > size_of(b->second.dtype);
  });
  return order;
}

std::string header_text(const Safetensors& file, const std::vector<const Entry*>& order) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t at = 0;
  for (const Entry* tensor : order) {
    const std::uint64_t end = at + tensor->second.bytes.size();
    header[tensor->first] = {{"dtype", entry(tensor->second.dtype).name},
                             {"shape", tensor->second.shape},
                             {"data_offsets", {at, end}}};
    at = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

std::size_t size_of(Dtype dtype) {
  return entry(dtype).size;
}

Safetensors Safetensors::read(const std::filesystem::path& file) {
  InputFile input(file);
  return read_from(input, file.string());
}

Safetensors Safetensors::parse(std::string_view bytes, const std::string& origin) {
  MemorySource source{bytes};
  return read_from(source, origin);
}

void Safetensors::write(const std::filesystem::path& file) const {
  for (const auto& [name, tensor] : tensors) {
    std::uint64_t bytes = size_of(tensor.dtype);
    for (const std::int64_t dimension : tensor.shape) bytes *= static_cast<std::uint64_t>(dimension);
    if (bytes != tensor.bytes.size() || name == "__metadata__")
      throw std::logic_error("Safetensors::write: tensor \"" + name + "\" does not fit its shape or name");
  }
  const std::vector<const Entry*> order = writing_order(*this);
  const std::string header = header_text(*this, order);
  const std::uint64_t header_size = header.size();
  AtomicFile output(file);
  output.write(&header_size, sizeof header_size);
  output.write(header);
  for (const Entry* tensor : order) output.write(tensor->second.bytes.data(), tensor->second.bytes.size());
  output.commit();
}

}  // namespace kizu
