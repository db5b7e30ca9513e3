#include "weights/torch_tensors.h"

#include "core/error.h"
#include "core/json.h"

#include "weights/printable.h"

namespace kizu {
namespace {

using Id = Pickle::Id;
using Kind = Pickle::Kind;

constexpr std::size_t kMaxNameLength = 1024;
constexpr std::size_t kMaxVisits = 1u << 20;

/// Collects the tensors of nested dictionaries under dotted names.
class Collector {
 public:
  Collector(const Pickle& pickle, const std::string& origin)
      : pickle_(pickle), values_(pickle, origin), origin_(origin) {}

  std::map<std::string, TensorPlace> collect() {
    const Id state = pickle_.find(pickle_.root(), "state_dict");
    walk(state != Pickle::kNone ? state : pickle_.root(), "");
    check_all();
    if (places_.empty()) refuse("it holds no tensors under names");
    return std::move(places_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(origin_ + " is not a usable checkpoint: " + printable(what));
  }

  /// Also those that nobody asks for: a file with one wrong tensor is a wrong file.
  void check_all() const {
    for (Id id = 0; id < pickle_.count(); id++) values_.tensor(id, "number " + std::to_string(id));
  }

  void walk(Id id, const std::string& prefix) {
    const auto& value = pickle_.at(id);
    if (value.kind == Kind::Object) {  // a ParameterDict; other objects have no such entry
      const Id parameters = pickle_.find(value.state, "_parameters");
      if (parameters != Pickle::kNone) walk(parameters, prefix);
      return;
    }
    if (value.kind != Kind::Dict) return;
    for (std::size_t i = 0; i < value.items.size(); i += 2) {
      if (++visits_ > kMaxVisits) refuse("it has more entries than any checkpoint needs");
      if (pickle_.at(value.items[i]).kind == Kind::Text)
        visit(value.items[i + 1], prefix, std::string(pickle_.at(value.items[i]).text));
    }
  }

  void visit(Id id, const std::string& prefix, const std::string& key) {
    if (prefix.size() + key.size() > kMaxNameLength) refuse("the name of a tensor is too long");
    const std::string name = prefix + key;
    if (auto place = values_.tensor(id, name)) {
      check_name(name);
      if (!places_.emplace(name, std::move(*place)).second) refuse("tensor \"" + name + "\" is there twice");
    } else {
      walk(id, name + ".");
    }
  }

  void check_name(const std::string& name) const {
    try {
      if (name.empty() || name == "__metadata__" || name.find('\0') != std::string::npos)
        refuse("a tensor has the impossible name \"" + name + "\"");
      Json(name).dump();
    } catch (const Json::exception&) {
      refuse("the name of a tensor is not UTF-8");
    }
  }

  const Pickle& pickle_;
  TorchValues values_;
  const std::string& origin_;
  std::map<std::string, TensorPlace> places_;
  std::size_t visits_ = 0;
};

}  // namespace

std::map<std::string, TensorPlace> named_tensors(const Pickle& pickle, const std::string& origin) {
  return Collector(pickle, origin).collect();
}

std::map<std::string, double> top_numbers(const Pickle& pickle) {
  std::map<std::string, double> numbers;
  const auto& root = pickle.at(pickle.root());
  if (root.kind != Kind::Dict) return numbers;
  for (std::size_t i = 0; i < root.items.size(); i += 2) {
    const auto& value = pickle.at(root.items[i + 1]);
    const std::string key(pickle.at(root.items[i]).text);
    if (value.kind == Kind::Integer) numbers[key] = static_cast<double>(value.integer);
    if (value.kind == Kind::Float) numbers[key] = value.number;
  }
  return numbers;
}

}  // namespace kizu
