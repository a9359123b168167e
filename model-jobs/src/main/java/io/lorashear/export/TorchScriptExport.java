package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.checkpoint.Companions;
import io.lorashear.checkpoint.DataType;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.torch.Precision;
import io.lorashear.torch.TorchScriptFile;
import io.lorashear.torch.TorchScriptFile.Answer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes a checkpoint as a {@link TorchScriptFile}, with its tokenizer beside it. */
public final class TorchScriptExport {
  /** The file that DJL looks for in a folder. */
  public static final String FILE = "model.pt";

  private TorchScriptExport() {}

  /**
   * Publishes {@code model} at {@code target}.
   *
   * @param type F32, or BF16 for a model that computes in it
   * @param manifest what there is to say about the model; names and hashes of files are added
   * @throws InputException for another type, or when the target holds files of somebody else
   */
  public static PublishedDirectory write(
      Checkpoint model, Path target, DataType type, Answer answer, ObjectNode manifest) {
    var precision = precision(type);
    var graph = model.graph();
    var wide = Precision.alwaysWide(graph);
    var names = graph.parameters().keySet();
    var narrow = names.stream().filter(name -> !wide.contains(name)).toList();
    var tensors =
        new Both(
            new CastTensors(model.tensors(), narrow, type),
            new CastTensors(
                model.tensors(), names.stream().filter(wide::contains).toList(), DataType.F32));
    try (var publication = Publication.begin(target)) {
      var folder = publication.directory();
      Companions.copy(model.companions(), folder);
      TorchScriptFile.write(graph, tensors, precision, answer, folder.resolve(FILE));
      return publication.publish(manifest);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + target, e);
    }
  }

  /**
   * What a file with weights of this type computes in.
   *
   * @throws InputException for a type that none computes in
   */
  public static Precision precision(DataType type) {
    return switch (type) {
      case F32 -> Precision.FLOAT32;
      case BF16 -> Precision.BFLOAT16;
      default ->
          throw new InputException(
              "a TorchScript file computes in F32 or BF16, not in %s: choose one of them", type);
    };
  }

  /** The tensors of two sources that have none in common. */
  private record Both(TensorSource first, TensorSource second) implements TensorSource {
    @Override
    public Map<String, TensorInfo> tensors() {
      var all = new LinkedHashMap<>(first.tensors());
      all.putAll(second.tensors());
      return all;
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer target) {
      (first.tensors().containsKey(name) ? first : second).read(name, byteOffset, target);
    }

    @Override
    public void close() {}
  }
}
