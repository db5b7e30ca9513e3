#include "golden_case.h"

namespace kizu::golden {
namespace {

void run_weight_rule(Case& c) {
  const auto& examples = c.json().at("examples");
  for (size_t i = 0; i < examples.size(); ++i) {
    const auto& e = examples[i];
    const auto number = std::to_string(i);
    const auto count = c.tensor("unit_" + number).size(0);
    c.compare("unit_" + number, unit_by_rule(e.at("name"), count, e.at("seed")));
    c.compare("filled_" + number,
              fill_by_rule(e.at("name"), {count}, e.at("seed"), e.at("offset"), e.at("scale")));
  }
}
KIZU_GOLDEN_KIND("weight_rule", run_weight_rule);

}  // namespace
}  // namespace kizu::golden
