package io.lorashear.torch.script;

import java.util.ArrayList;
import java.util.List;

/** What a TorchScript method takes and gives. */
public final class Signature {
  public static final String TENSOR = "Tensor";
  public static final String TENSORS = "List[Tensor]";
  public static final String WHOLE_NUMBER = "int";

  private final List<String> parameters = new ArrayList<>(List.of("self: __torch__.M"));

  /** One more argument. */
  public Signature takes(String name, String type) {
    parameters.add("    " + name + ": " + type);
    return this;
  }

  /** A tensor under each of these names. */
  public Signature tensors(Iterable<Expression> names) {
    names.forEach(name -> takes(name.text(), TENSOR));
    return this;
  }

  /** Arguments as they are declared, a line each. */
  public Signature declared(String arguments) {
    arguments.lines().forEach(line -> parameters.add(line.substring(0, line.length() - 1)));
    return this;
  }

  /** The head of the method, from its first parenthesis on. */
  public String gives(String type) {
    return "(" + String.join(",\n", parameters) + ") -> " + type + ":\n";
  }
}
