package io.lorashear.export;

import io.lorashear.InputException;
import io.lorashear.checkpoint.JsonFile;
import io.lorashear.run.Nearby;
import io.lorashear.run.PublishedDirectory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The base model of an adapter, in the form that PEFT resolves.
 *
 * @param name an absolute path, or a name on Hugging Face
 * @param folder its folder, if it is a path
 */
record AdapterBase(String name, Optional<Path> folder) {
  private static final Pattern HUB = Pattern.compile("[\\w.-]+/[\\w.-]+");
  private static final String NAMED = "base_model_name_or_path";
  private static final String HASH = "sha256:";

  /**
   * The base model given by the request; otherwise the published folder near the recovered model
   * that the adapter was trained on, found by its hash.
   *
   * @throws InputException if it is neither a folder nor a name, or is not found
   */
  static AdapterBase of(ExportRequest request) {
    return request
        .base()
        .map(AdapterBase::given)
        .orElseGet(() -> near(request.model().path().toAbsolutePath().normalize()));
  }

  private static AdapterBase given(String base) {
    var folder = Path.of(base).toAbsolutePath().normalize();
    if (Files.isDirectory(folder)) {
      return new AdapterBase(folder.toString(), Optional.of(folder));
    }
    if (!HUB.matcher(base).matches()) {
      throw new InputException(
          "--base %s is neither a folder nor a name on Hugging Face (owner/name): give the model"
              + " the adapter belongs to",
          base);
    }
    return new AdapterBase(base, Optional.empty());
  }

  private static AdapterBase near(Path recovered) {
    var config = AdapterExport.folder(recovered).resolve("adapter_config.json");
    var named = JsonFile.read(config).path(NAMED).asText();
    var hash = named.startsWith(HASH) ? named.substring(HASH.length()) : named;
    return Nearby.find(recovered, hash)
        .map(PublishedDirectory::directory)
        .map(folder -> new AdapterBase(folder.toString(), Optional.of(folder)))
        .orElseThrow(
            () ->
                new InputException(
                    "%s was trained beside a model that is not found near it: give --base, the"
                        + " pruned model's folder",
                    recovered));
  }
}
