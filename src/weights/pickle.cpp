#include "weights/pickle.h"

#include "weights/pickle_machine.h"

namespace kizu {

Pickle::Pickle(std::string_view bytes, const std::string& origin) {
  PickleMachine(*this, bytes, origin).run();
}

Pickle::Id Pickle::find(Id dict, std::string_view key) const {
  if (dict == kNone || values_[dict].kind != Kind::Dict) return kNone;
  const auto& items = values_[dict].items;
  for (std::size_t i = items.size(); i >= 2; i -= 2) {
    const Value& name = values_[items[i - 2]];
    if (name.kind == Kind::Text && name.text == key) return items[i - 1];
  }
  return kNone;
}

}  // namespace kizu
