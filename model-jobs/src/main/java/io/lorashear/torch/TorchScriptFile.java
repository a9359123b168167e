package io.lorashear.torch;

import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.graph.ModelGraph;
import io.lorashear.torch.compile.ModelText;
import io.lorashear.torch.compile.Precision;
import io.lorashear.torch.script.TorchScriptArchive;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes a model as one TorchScript file with its weights inside. The file runs without this
 * product, whatever the widths of its layers: in DJL, in libtorch, and in Python by {@code
 * torch.jit.load}.
 *
 * <pre>
 *   forward(input_ids) = answer        input_ids int64 (B, T)
 *   answer LOGITS        float32 (B, T, vocabulary)
 *   answer TOKEN_LOSSES  float32 (B, T−1), T ≥ 2: −log p of every id from the second on, in nats
 *
 *   forward_with_past(input_ids, past) = (logits, past)
 *   logits  float32 (B, 1, vocabulary): after the last id alone
 *   past    list of tensors, [] for an empty text; each call takes what the previous one returned
 * </pre>
 *
 * Each further token therefore costs one position, not the whole text again. A past is never
 * changed: several texts may continue from the same one.
 */
public final class TorchScriptFile {
  /** What {@code forward} returns. */
  public enum Answer {
    LOGITS("logits"),
    TOKEN_LOSSES("token_losses");

    private final String method;

    Answer(String method) {
      this.method = method;
    }
  }

  private static final String FORWARD =
      """
        def forward(self: __torch__.M,
          input_ids: Tensor) -> Tensor:
          w = [WEIGHTS]
          return self.METHOD(torch.to(input_ids, 4), w)
        def forward_with_past(self: __torch__.M,
          input_ids: Tensor,
          past: List[Tensor]) -> Tuple[Tensor, List[Tensor]]:
          w = [WEIGHTS]
          return self.continued(torch.to(input_ids, 4), past, w)
      """;

  private TorchScriptFile() {}

  /**
   * Writes {@code file}; the same model gives the same bytes.
   *
   * @param tensors the graph's parameters, in the types in which they are stored: float32, or
   *     bfloat16 if {@code precision} is bfloat16 and the parameter is not in {@link
   *     Precision#alwaysWide}
   * @param precision the precision that the file computes in
   * @throws io.lorashear.InputException when a tensor is missing
   */
  public static void write(
      ModelGraph graph, TensorSource tensors, Precision precision, Answer answer, Path file) {
    var attributes = attributes(graph, tensors);
    var weights =
        attributes.keySet().stream().map("self."::concat).collect(Collectors.joining(", "));
    var methods =
        ModelText.file(graph, precision)
            + FORWARD.replace("WEIGHTS", weights).replace("METHOD", answer.method);
    try (var out = new BufferedOutputStream(Files.newOutputStream(file))) {
      TorchScriptArchive.write(out, methods, attributes, tensors);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + file, e);
    }
  }

  /** Parameter names have dots, attribute names must not. */
  private static Map<String, TensorInfo> attributes(ModelGraph graph, TensorSource tensors) {
    var attributes = new LinkedHashMap<String, TensorInfo>();
    for (var name : graph.parameters().keySet()) {
      var attribute = name.replaceAll("[^A-Za-z0-9_]", "_");
      while (attributes.containsKey(attribute)) {
        attribute += "_";
      }
      attributes.put(attribute, tensors.tensor(name));
    }
    return attributes;
  }
}
