package io.lorashear.corpus;

import io.lorashear.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A teacher's predictions for the rows of one training, with random access. They lie in a temporary
 * file that is deleted on closing; memory holds their positions.
 */
public final class TeacherRows implements AutoCloseable {
  private record Place(long offset, int positions) {}

  private final int top;
  private final FileChannel file;
  private final Map<String, Place> places = new HashMap<>();

  private TeacherRows(int top, FileChannel file) {
    this.top = top;
    this.file = file;
  }

  /**
   * Copies the rows of {@code sequences} out of a teacher.
   *
   * @param vocabulary of the model that will learn
   * @param file that is created
   * @throws InputException if a row is missing, is not as long as its sequence, or names a token
   *     that the model does not have
   */
  public static TeacherRows copy(
      TeacherReader teacher, List<Sequence> sequences, int vocabulary, Path file) {
    var lengths = new HashMap<String, Integer>();
    sequences.forEach(row -> lengths.put(row.id(), row.tokens()));
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      var rows = new TeacherRows(teacher.manifest().top(), open(file));
      try {
        teacher.forEach(
            List.copyOf(lengths.keySet()),
            (id, targets) -> {
              check(teacher, id, targets, lengths.getOrDefault(id, 0), vocabulary);
              rows.add(id, targets);
            });
        rows.requireAll(teacher, sequences);
        return rows;
      } catch (IOException | RuntimeException e) {
        rows.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The predictions of a model that scores the rows now.
   *
   * @param top k of its predictions
   * @param scored its predictions for a row, at least as many positions as the row predicts
   * @param file that is created
   */
  public static TeacherRows of(
      int top, List<Sequence> sequences, Function<Sequence, SoftTargets> scored, Path file) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      var rows = new TeacherRows(top, open(file));
      try {
        for (var row : sequences) {
          if (!rows.places.containsKey(row.id())) {
            rows.add(row.id(), scored.apply(row).of(0, Math.max(0, row.tokens() - 1)));
          }
        }
        return rows;
      } catch (IOException | RuntimeException e) {
        rows.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.READ,
        StandardOpenOption.WRITE,
        StandardOpenOption.DELETE_ON_CLOSE);
  }

  private static void check(
      TeacherReader teacher, String id, SoftTargets targets, int tokens, int vocabulary) {
    if (targets.positions() != Math.max(0, tokens - 1)) {
      throw new InputException(
          "the teacher %s has %d positions of row %s, which has %d tokens: run perplexity with"
              + " keepTop again",
          teacher, targets.positions(), id, tokens);
    }
    int highest = Arrays.stream(targets.ids()).max().orElse(0);
    int lowest = Arrays.stream(targets.ids()).min().orElse(0);
    if (lowest < 0 || highest >= vocabulary) {
      throw new InputException(
          "the teacher %s names the token %d, but the model that is to learn from it has %d: take a"
              + " teacher with the same vocabulary",
          teacher, lowest < 0 ? lowest : highest, vocabulary);
    }
  }

  private void add(String id, SoftTargets targets) throws IOException {
    var place = new Place(file.size(), targets.positions());
    var bytes = ByteBuffer.allocate(size(place));
    bytes.asIntBuffer().put(targets.ids());
    bytes.position(4 * targets.ids().length);
    bytes.asFloatBuffer().put(targets.logProbabilities()).put(targets.tail());
    bytes.rewind();
    while (bytes.hasRemaining()) {
      file.write(bytes, place.offset() + bytes.position());
    }
    places.put(id, place);
  }

  private int size(Place place) {
    return 4 * place.positions() * (2 * top + 1);
  }

  private void requireAll(TeacherReader teacher, List<Sequence> sequences) {
    for (var row : sequences) {
      if (!places.containsKey(row.id())) {
        throw new InputException(
            "the teacher %s has no row %s, which is trained on; %,d of %,d rows are there: run"
                + " perplexity with keepTop and recover's subset (without one: with split train and"
                + " recover's rows and seed)",
            teacher,
            row.id(),
            places.size(),
            sequences.stream().map(Sequence::id).distinct().count());
      }
    }
  }

  /** The predictions for {@code sequence}, which must be one of the copied ones. */
  public SoftTargets of(Sequence sequence) {
    var place = places.get(sequence.id());
    if (place == null) {
      throw new IllegalArgumentException(sequence.id() + " was not copied");
    }
    var bytes = ByteBuffer.allocate(size(place));
    try {
      while (bytes.hasRemaining()) {
        if (file.read(bytes, place.offset() + bytes.position()) < 0) {
          throw new IOException("the file of the teacher's rows was cut");
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    bytes.rewind();
    var ids = new int[place.positions() * top];
    var logProbabilities = new float[ids.length];
    var tail = new float[place.positions()];
    bytes.asIntBuffer().get(ids);
    bytes.position(4 * ids.length);
    bytes.asFloatBuffer().get(logProbabilities).get(tail);
    return new SoftTargets(top, ids, logProbabilities, tail);
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
