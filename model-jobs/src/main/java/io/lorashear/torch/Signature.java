package io.lorashear.torch;

import java.util.ArrayList;
import java.util.List;

/** What a TorchScript method takes and gives. */
final class Signature {
  static final String TENSOR = "Tensor";
  static final String TENSORS = "List[Tensor]";
  static final String WHOLE_NUMBER = "int";

  private final List<String> parameters = new ArrayList<>(List.of("self: __torch__.M"));

  /** One more argument. */
  Signature takes(String name, String type) {
    parameters.add("    " + name + ": " + type);
    return this;
  }

  /** A tensor under each of these names. */
  Signature tensors(Iterable<Expression> names) {
    names.forEach(name -> takes(name.text(), TENSOR));
    return this;
  }

  /** What an arrangement of tokens takes beside the ids. */
  Signature takes(Arrangement arrangement) {
    arrangement
        .declared
        .lines()
        .forEach(line -> parameters.add(line.substring(0, line.length() - 1)));
    return this;
  }

  /** The head of the method, from its first parenthesis on. */
  String gives(String type) {
    return "(" + String.join(",\n", parameters) + ") -> " + type + ":\n";
  }
}
