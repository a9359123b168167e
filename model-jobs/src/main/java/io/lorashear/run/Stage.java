package io.lorashear.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.metrics.MetricsFile;
import io.lorashear.settings.Settings;
import io.lorashear.settings.Storage;
import io.lorashear.stop.StopRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * One stage of the pipeline, run at most once.
 *
 * <pre>
 *   var pruned = Stage.of("prune", target, settings, Prune.class)
 *       .parent("checkpoint", checkpoint.hash())
 *       .parent("sequences", sequences.hash())
 *       .run(output -> prune(output.directory(), output.manifest()));
 * </pre>
 *
 * The stage's identity is a hash of its name, its settings ({@link Settings#canonical}), the hashes
 * of everything it reads and the version of the code. If the target was published under the same
 * identity, nothing runs. If it was published under another one, it is replaced if {@link
 * #overwrite} was called, else refused.
 */
public final class Stage {
  /** Bytes that every stage writes at least: a manifest and a record of the run. */
  private static final long LEAST = 1 << 20;

  private final String name;
  private final Path target;
  private final Record settings;
  private final Class<?> code;
  private final TreeMap<String, String> parents = new TreeMap<>();
  private boolean overwrite;
  private boolean resumes;
  private boolean onDisk;
  private long least = LEAST;
  private OptionalLong most = OptionalLong.empty();

  private Stage(String name, Path target, Record settings, Class<?> code) {
    this.name = name;
    this.target = target;
    this.settings = settings;
    this.code = code;
  }

  /** The work of a stage; the folder it writes into is empty at the start, unless it resumes. */
  public interface Work {
    void into(Output output) throws IOException;
  }

  /**
   * The output of a stage.
   *
   * @param directory folder that is published when the work returns
   * @param manifest the manifest, which already has name, settings and parents; the work may add
   *     counts and licences
   * @param scratch folder for the work's own checkpoints: survives a killed run, is empty if
   *     anything in the stage's identity has changed, and is removed after publication
   * @param metrics file for the figures that the work measures
   */
  public record Output(Path directory, ObjectNode manifest, Path scratch, MetricsFile metrics) {
    /** Progress that is shown as before, with figures also written to {@code metrics}. */
    public Progress measured(Progress progress) {
      return progress.measured(metrics);
    }
  }

  /**
   * A stage whose code version is that of {@code code}'s module, together with that of model-jobs.
   */
  public static Stage of(String name, Path target, Record settings, Class<?> code) {
    return new Stage(name, target, settings, code);
  }

  /** Adds an input of the stage, by the hash of its content. */
  public Stage parent(String role, String sha256) {
    parents.put(role, sha256);
    return this;
  }

  /** Adds a single file that the stage reads. */
  public Stage parent(String role, Path file) {
    return parent(role, Sha256.of(file));
  }

  /** Whether to replace results of other inputs, settings or code. */
  public Stage overwrite(boolean overwrite) {
    this.overwrite = overwrite;
    return this;
  }

  /**
   * Sets how much the stage writes, if that is known in advance.
   *
   * @param least free bytes that it needs to begin
   * @param most maximum bytes of the result
   */
  public Stage room(long least, long most) {
    this.least = Math.max(least, LEAST);
    this.most = OptionalLong.of(Math.max(least, most));
    return this;
  }

  /** Maximum bytes of the result; if unknown, the bytes of its inputs. */
  public long most() {
    return most.orElseGet(() -> Math.max(LEAST, FoundFiles.read(settings)));
  }

  /** The name of the stage. */
  public String name() {
    return name;
  }

  /** The folder that it publishes. */
  public Path target() {
    return target;
  }

  /**
   * Lets the work resume from the files that a killed or failed run of the same identity has
   * written.
   */
  public Stage resumes() {
    resumes = true;
    return this;
  }

  /**
   * Gives the work folders on this machine's disk even if the target is in a store, to which the
   * result is then copied, its manifest last: for work that needs more of its files than a store
   * does. A run that was stopped resumes on the same machine.
   */
  public Stage onDisk() {
    onDisk = true;
    return this;
  }

  /** Where the work writes: the target, or what stands for it until it is copied there. */
  private Path place() {
    return onDisk && !Storage.isLocal(target) ? ToStore.place(target) : target;
  }

  /** The hash of everything that the result depends on. */
  public String identity() {
    return Sha256.of(description().toString());
  }

  /**
   * The result, if it is already published under this identity and all files have their recorded
   * sizes.
   */
  public Optional<PublishedDirectory> done() {
    return done(target);
  }

  private Optional<PublishedDirectory> done(Path folder) {
    if (!Files.isRegularFile(folder.resolve(Publication.MANIFEST))) {
      return Optional.empty();
    }
    try {
      return Optional.of(PublishedDirectory.open(folder))
          .filter(found -> found.manifest().path("identity").asText().equals(identity()));
    } catch (InputException damaged) {
      return Optional.empty();
    }
  }

  /** The published result: an existing one, or made by {@code work} now. */
  public PublishedDirectory run(Work work) {
    return check().orElseGet(() -> made(work));
  }

  /**
   * Refuses whatever {@link #run} would refuse before its work; writes nothing.
   *
   * @return the result if it is already published, so that nothing is left to do
   * @throws InputException if the target is an input, contains something else, cannot be written,
   *     or has too little free space
   */
  public Optional<PublishedDirectory> check() {
    var found = done();
    if (found.isPresent()) {
      return found;
    }
    if (!overwrite && Files.exists(target.resolve(Publication.MANIFEST))) {
      throw new InputException(
          "%s holds results of other inputs, settings or code: give --overwrite to replace them, or"
              + " another output folder",
          target);
    }
    Publication.check(target, Settings.paths(settings));
    DiskSpace.require(place(), least, name);
    return Optional.empty();
  }

  private PublishedDirectory made(Work work) {
    if (place().equals(target)) {
      return madeAt(target, work);
    }
    var here = done(place()).orElseGet(() -> madeAt(place(), work)); // maybe made, but not copied
    return ToStore.publish(here, target);
  }

  @SuppressWarnings("try") // closed at the end, not used before
  private PublishedDirectory madeAt(Path place, Work work) {
    StopRequest.check();
    var left = new LeftBehind(name, place.toAbsolutePath().normalize(), this::most);
    try (var stopped = Stopped.tells(left);
        var looks = StopRequest.during(new StopRequest.Work() {})) {
      return published(place, work, left);
    } catch (IOException e) {
      throw new UncheckedIOException(name + " could not write " + place, e);
    }
  }

  /**
   * Catches every exception, because Spark throws checked exceptions that its methods do not
   * declare.
   */
  private PublishedDirectory published(Path place, Work work, LeftBehind left) throws IOException {
    try {
      return published(place, work);
    } catch (Exception e) {
      left.refuseStopped(e);
      left.refuseFullDisk(e);
      throw e;
    }
  }

  private PublishedDirectory published(Path place, Work work) throws IOException {
    try (var publication =
        resumes ? Publication.resume(place, identity()) : Publication.begin(place)) {
      var scratch = Scratch.of(place, identity());
      var clock = InstantSource.system();
      var paths = Settings.paths(settings);
      var model = Optional.ofNullable(paths.get("checkpoint"));
      try (var metrics =
          MetricsFile.begin(place, name, identity(), model, scratch.found(), clock)) {
        var output = new Output(publication.directory(), description(), scratch.folder(), metrics);
        var published = published(work, publication, output, scratch);
        scratch.remove();
        metrics.done();
        return published;
      }
    }
  }

  private PublishedDirectory published(
      Work work, Publication publication, Output output, Scratch scratch) throws IOException {
    try {
      output.manifest().put("identity", identity());
      work.into(output);
      return publication.publish(output.manifest());
    } catch (Exception | Error e) {
      StopRequest.settle(); // what still writes must not outlive the folder
      output.metrics().ended(e);
      scratch.removeEmpty();
      throw e;
    }
  }

  private ObjectNode description() {
    try {
      var node = Json.MAPPER.createObjectNode().put("stage", name);
      node.set("settings", Json.MAPPER.readTree(Settings.canonical(settings)));
      var inputs = node.putObject("parents");
      parents.forEach(inputs::put);
      return node.put("code", codeHash());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String codeHash() {
    var own = CodeVersion.of(code);
    var model = CodeVersion.of(Stage.class);
    return own.equals(model) ? own : Sha256.of(own + model);
  }
}
