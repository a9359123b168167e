package io.lorashear.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.card.ModelCard;
import io.lorashear.run.Publication;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.verify.SelfCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes a model for another program.
 *
 * <pre>
 *   require     a model that the program's files cannot express is refused
 *   write       into a hidden folder
 *   check       read again: the same tokens, weights and logits, within the type's rounding
 *   describe    in README.md
 *   publish
 * </pre>
 */
public final class Export {
  private Export() {}

  /**
   * Facts for the model card of an export.
   *
   * @param dense the model that was pruned: a folder, a file or a name on Hugging Face
   * @param scores folder that {@code evaluate} published
   */
  public static ModelCard.About about(
      Target target,
      ExportRequest request,
      String name,
      Optional<String> dense,
      Optional<Path> scores) {
    var loading = loading(target, request);
    var remarks =
        target.remarks(request).stream().map(remark -> target.program() + ": " + remark).toList();
    return new ModelCard.About(
        name, target.library(), loading, remarks, Optional.empty(), dense, scores);
  }

  /**
   * Programs that load the files written for {@code target}, and how. If layers differ, each
   * program has its own format for it and reads no other.
   */
  static Map<String, String> loading(Target target, ExportRequest request) {
    var config = request.model().config();
    var programs = Tried.loading(config, target.form());
    var loading = new LinkedHashMap<String, String>();
    for (var other : Targets.ALL) {
      boolean reads = other.form().equals(target.form()) && programs.contains(other.program());
      if (reads && (config.stock() || other.program().equals(target.program()))) {
        loading.put(other.program(), other.loading(request));
      }
    }
    return loading;
  }

  /**
   * Publishes {@code request} at {@code out}.
   *
   * @param card facts for the model card; empty for no card
   * @param manifest fields about the model; names and hashes of files are added
   * @param said receives a line on the comparison
   * @throws io.lorashear.InputException if the program's files cannot express the model, if {@code
   *     out} holds files that were not published, or if the written files compute something
   *     different from the model
   */
  public static PublishedDirectory publish(
      Target target,
      ExportRequest request,
      Optional<ModelCard.About> card,
      Path out,
      ObjectNode manifest,
      Consumer<String> said) {
    target.require(request);
    try (var publication = Publication.begin(out)) {
      target.write(request, publication.directory());
      try (var written = target.read(request, publication.directory())) {
        said.accept(SelfCheck.require(request.model(), written, request.type().rounding()));
      }
      if (card.isPresent()) {
        ModelCard.write(request.model(), card.get(), publication.directory());
      }
      return publication.publish(manifest);
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + out, e);
    }
  }
}
