package io.lorashear.torch.script;

import java.util.ArrayList;
import java.util.List;

/** The parameters and the return type of a TorchScript method. */
public final class Signature {
  public static final String TENSOR = "Tensor";
  public static final String TENSORS = "List[Tensor]";
  public static final String WHOLE_NUMBER = "int";

  private final List<String> parameters = new ArrayList<>(List.of("self: __torch__.M"));

  /** Adds a parameter. */
  public Signature takes(String name, String type) {
    parameters.add("    " + name + ": " + type);
    return this;
  }

  /** Adds a tensor parameter for each of these names. */
  public Signature tensors(Iterable<Expression> names) {
    names.forEach(name -> takes(name.text(), TENSOR));
    return this;
  }

  /** Adds parameters as they are declared, one per line. */
  public Signature declared(String arguments) {
    arguments.lines().forEach(line -> parameters.add(line.substring(0, line.length() - 1)));
    return this;
  }

  /** The method's signature, from its first parenthesis on. */
  public String gives(String type) {
    return "(" + String.join(",\n", parameters) + ") -> " + type + ":\n";
  }
}
