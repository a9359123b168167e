package io.lorashear.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lorashear.InputException;
import io.lorashear.run.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a model that are not the ones that were published or downloaded. */
class ModelBytesTest {
  @TempDir Path folder;

  private Path written() {
    var target = folder.resolve("model");
    var config = SmallModels.uniform();
    CheckpointWriter.write(target, config, SmallModels.weights(config, 1), List.of());
    return target;
  }

  private Path published(List<Path> companions) {
    var target = folder.resolve("model");
    var config = SmallModels.uniform();
    CheckpointWriter.publish(
        target, config, SmallModels.weights(config, 1), companions, JsonFile.object());
    return target;
  }

  /** Weights are not asked whether its vocabulary is theirs. */
  private Path tokenizer() throws IOException {
    var json = JsonFile.object();
    json.putObject("model").put("type", "BPE").putObject("vocab").put("a", 0);
    var file = Files.createDirectories(folder.resolve("from")).resolve("tokenizer.json");
    JsonFile.write(file, json);
    return file;
  }

  private static void refuses(Path path, String message) {
    assertThatThrownBy(() -> Checkpoint.open(path))
        .isInstanceOf(InputException.class)
        .hasMessage(message.replace("DIR", path.toString()));
  }

  private static void flip(Path file, long place) throws IOException {
    try (var bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(place);
      int old = bytes.read();
      bytes.seek(place);
      bytes.write(old ^ 4);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "config.json", "tokenizer.json"})
  void aByteThatChangedAfterItWasPublishedIsFound(String name) throws IOException {
    var model = published(List.of(tokenizer()));
    Checkpoint.open(model).close();
    flip(model.resolve(name), Files.size(model.resolve(name)) - 9);
    refuses(
        model,
        "DIR/"
            + name
            + " was changed after it was published (its SHA-256 is not the manifest's): run the"
            + " stage that writes it again");
  }

  /** A download's own record of its hash, and what is not such a record. */
  @Test
  void aDownloadThatIsNotWhatWasPutUpIsFound() throws IOException {
    var model = written();
    var weights = model.resolve("model.safetensors");
    var record = model.resolve(".cache/huggingface/download/model.safetensors.metadata");
    Files.createDirectories(record.getParent());
    var hash = Sha256.of(weights);
    long later = System.currentTimeMillis() / 1000 + 60;
    Files.writeString(record, "%040d\n%s\n%d.25\n".formatted(7, hash, later));
    Checkpoint.open(model).close();
    flip(weights, Files.size(weights) - 9);
    refuses(
        model,
        "DIR/model.safetensors is not the file that was downloaded (its SHA-256 is not "
            + hash
            + ", which Hugging Face gave for it): download it again");
    Files.writeString(record, "%040d\n%s\n%d\n".formatted(7, hash, 3)); // changed long after it
    Checkpoint.open(model).close();
    Files.writeString(record, "%040d\n\"etag\"\n%d\n".formatted(7, later));
    Checkpoint.open(model).close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "model.gguf"})
  void aPointerOfGitInPlaceOfAFileIsNamed(String name) throws IOException {
    var model = written();
    var pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
    var file = Files.writeString(model.resolve(name), pointer);
    assertThatThrownBy(() -> Checkpoint.open(name.endsWith("gguf") ? file : model))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "%s is a pointer of Git LFS, not the file itself: run git lfs pull where it was cloned",
            file);
  }

  @Test
  void aBlobOfTheDownloadersCacheIsItsName() throws IOException {
    var model = written();
    var weights = model.resolve("model.safetensors");
    var blob = Files.createDirectories(folder.resolve("blobs")).resolve(Sha256.of(weights));
    Files.move(weights, blob);
    Files.createSymbolicLink(weights, blob);
    Checkpoint.open(model).close();
    flip(blob, Files.size(blob) - 9);
    refuses(
        model,
        "DIR/model.safetensors is not the file that was downloaded (its SHA-256 is not "
            + blob.getFileName()
            + ", which Hugging Face gave for it): download it again");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors", "generation_config.json"})
  void aPublishedModelThatLostAByteIsRefused(String name) throws IOException {
    var target = published(List.of());
    var file = target.resolve(name);
    var bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
    refuses(
        target,
        "%s has %d bytes, but its manifest says %d bytes: run the stage that writes it again"
            .formatted(file, bytes.length - 1, bytes.length));
  }

  @Test
  void whatTheManifestDoesNotNameIsNotThere() throws IOException {
    var target = published(List.of());
    Files.copy(tokenizer(), target.resolve("tokenizer.json"));
    try (var model = Checkpoint.open(target)) {
      assertThat(model.hasTokenizer()).isFalse();
    }
  }
}
