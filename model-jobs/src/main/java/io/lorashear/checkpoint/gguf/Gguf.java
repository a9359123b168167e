package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A GGUF file of architecture {@code llama}, seen as the Hugging Face checkpoint it was made from:
 * names and order of rows are Hugging Face's, quantised tensors appear as F32 and are dequantised
 * as they are read.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class Gguf implements TensorSource {
  private static final Pattern ROTATED =
      Pattern.compile("model\\.layers\\.(\\d+)\\.self_attn\\.([qk])_proj\\.\\w+");

  private final MappedFile file;
  private final Metadata metadata;
  private final LlamaShape shape;
  private final Map<String, TensorRows> rows = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private Gguf(MappedFile file) {
    this.file = file;
    var header = GgufHeader.read(file);
    this.metadata = header.metadata();
    this.shape = LlamaShape.of(metadata);
    header.entries().forEach(this::add);
  }

  /**
   * Opens a file and checks its head.
   *
   * @throws InputException when the file is missing, truncated, of another architecture or holds a
   *     type that is not read
   */
  public static Gguf open(Path path) {
    return new Gguf(MappedFile.open(path));
  }

  private void add(GgufHeader.Entry entry) {
    if (entry.name().equals("rope_freqs.weight")) {
      throw new InputException(
          "%s scales its rotary frequencies by a tensor (rope_freqs.weight), which is not read from"
              + " GGUF: use the model's Hugging Face directory",
          file.path());
    }
    var name =
        LlamaNames.huggingFace(entry.name())
            .orElseThrow(
                () ->
                    new InputException(
                        "%s holds the tensor %s, which no LLaMA has", file.path(), entry.name()));
    rows.put(name, new TensorRows(file, entry, order(name, entry)));
    tensors.put(name, new TensorInfo(name, entry.type().readAs(), entry.extents()));
  }

  private RowOrder order(String name, GgufHeader.Entry entry) {
    var match = ROTATED.matcher(name);
    if (!match.matches()) {
      return RowOrder.AS_STORED;
    }
    int layer = Integer.parseInt(match.group(1));
    var heads = match.group(2).equals("q") ? shape.queryHeads() : shape.keyValueHeads();
    if (layer >= heads.size()
        || entry.extents()[0] != (long) heads.get(layer) * shape.headDimension()) {
      throw new InputException(
          "%s: tensor %s has %d rows, which are not the heads of %d that the metadata names",
          file.path(), entry.name(), entry.extents()[0], shape.headDimension());
    }
    if (entry.extents().length < 2 && entry.type().blocks() != null) {
      throw new InputException(
          "%s: the bias %s is quantised, which is not read here", file.path(), entry.name());
    }
    return RowOrder.interleaved(shape.headDimension());
  }

  /** The config.json of the checkpoint. */
  public ObjectNode config() {
    var embedding = tensor("model.embed_tokens.weight");
    return shape.config(metadata, tensors.keySet(), embedding.shape()[0]);
  }

  /** The tokenizer.json of the checkpoint. */
  public ObjectNode tokenizer() {
    return GgufTokenizer.of(metadata).json();
  }

  /** The tokenizer_config.json of the checkpoint: special tokens and chat template. */
  public ObjectNode tokenizerConfig() {
    return GgufTokenizer.of(metadata).config();
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    Objects.checkFromIndexSize(byteOffset, target.remaining(), tensor(name).bytes());
    var order = target.order();
    Objects.requireNonNull(rows.get(name)).read(byteOffset, target.order(ByteOrder.LITTLE_ENDIAN));
    target.order(order);
  }

  @Override
  public void close() {
    file.close();
  }
}
