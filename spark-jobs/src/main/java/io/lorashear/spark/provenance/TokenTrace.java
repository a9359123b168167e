package io.lorashear.spark.provenance;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.corpus.SubsetManifest;
import io.lorashear.corpus.SubsetManifest.Drawn;
import io.lorashear.corpus.SubsetManifest.GroupDraw;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.spark.ingest.PublishedDocuments;
import io.lorashear.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * Origin of one token that was trained on.
 *
 * <pre>
 *   subset, place in training order ─► shard and row, group and the reason of its weight
 *   row, place of the token          ─► document (or passage of a long one)
 *   document                         ─► raw file, and position in it
 * </pre>
 *
 * @param document id given by ingest
 * @param passage part of the document that was tokenized as a whole
 * @param file raw file, relative to the common folder of its source's files
 * @param position position in the file; empty if the document is the whole file
 * @param line the text around the token; the token is in ⟦⟧
 * @param character position of the token in the document's cleaned text, from 0; −1 if the
 *     tokenizer does not reproduce the text exactly
 */
public record TokenTrace(
    Drawn drawn,
    GroupDraw group,
    int id,
    String document,
    String passage,
    String file,
    String position,
    String line,
    int character) {

  private static final int AROUND = 12;

  /**
   * A question for the origin of a token.
   *
   * @param documents folders of documents; for a grown corpus those of every round, or at least the
   *     relevant ones
   */
  public record Question(
      Path subset, Path corpus, List<Path> documents, Path tokenizer, int sequence, int token) {}

  /** A document's tokens in a row: from {@code begin} to before {@code end}. */
  private record Piece(String passage, int begin, int end) {}

  /**
   * Follows a token back.
   *
   * @throws InputException if the folders do not belong together, or there is no such token
   */
  public static TokenTrace of(SparkSession spark, Question question) {
    Refusals.together(
        () -> SubsetManifest.read(question.subset()),
        () -> SequenceReader.open(question.corpus()),
        () -> question.documents().forEach(PublishedDocuments::open),
        () -> Tokenizer.open(question.tokenizer()).close());
    var subset = SubsetManifest.read(question.subset());
    var corpus = SequenceReader.open(question.corpus());
    requireSame("subset", question.subset(), "corpus", subset.corpus(), corpus.hash());
    var documents = question.documents().stream().map(PublishedDocuments::open).toList();
    documents.forEach(each -> requireParent(question.corpus(), each));
    var drawn = drawn(subset, question.sequence());
    var row = row(corpus, subset, question.sequence());
    var piece = piece(row, question);
    var document = document(spark, documents, piece.passage());
    try (var tokenizer = Tokenizer.open(question.tokenizer())) {
      requireSame(
          "corpus",
          question.corpus(),
          "tokenizer",
          corpus.manifest().tokenizer(),
          tokenizer.sha256());
      return new TokenTrace(
          drawn,
          group(subset, drawn),
          row.inputIds()[question.token()],
          document.getString(0),
          piece.passage(),
          document.getString(3),
          document.getString(4),
          line(tokenizer, row, piece, question.token()),
          character(tokenizer, row, piece, question.token(), document));
    }
  }

  private static void requireParent(Path corpus, PublishedDocuments documents) {
    var found = new TreeSet<String>();
    PublishedDirectory.open(corpus)
        .manifest()
        .path("parents")
        .fields()
        .forEachRemaining(
            parent -> {
              if (parent.getKey().startsWith("documents")) {
                found.add(parent.getValue().asText());
              }
            });
    if (!found.contains(documents.folder().hash())) {
      throw new InputException(
          "the corpus %s was not made from the documents %s: give the ones it was made from",
          corpus, documents.folder().directory());
    }
  }

  private static void requireSame(
      String what, Path path, String other, String expected, String found) {
    if (!expected.equals(found)) {
      throw new InputException(
          "the %s %s was not made from this %s: give the one it was made from", what, path, other);
    }
  }

  private static Drawn drawn(SubsetManifest subset, int place) {
    if (place < 0 || place >= subset.drawn().size()) {
      throw new InputException(
          "there is no sequence %d: the subset draws %d, counted from 0",
          place, subset.drawn().size());
    }
    return subset.drawn().get(place);
  }

  private static GroupDraw group(SubsetManifest subset, Drawn drawn) {
    return subset.groups().stream()
        .filter(group -> group.group().equals(drawn.group()))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "sequence %s is of group %s, which the subset does not weigh: draw it again",
                    drawn.sequence(), drawn.group()));
  }

  private static Sequence row(SequenceReader corpus, SubsetManifest subset, int place) {
    try (var rows = corpus.drawn(subset, place)) {
      return rows.next();
    }
  }

  private static Piece piece(Sequence row, Question question) {
    if (question.token() < 0 || question.token() >= row.tokens()) {
      throw new InputException(
          "there is no token %d: sequence %d has %d tokens of text, counted from 0; the rest is"
              + " filling",
          question.token(), question.sequence(), row.tokens());
    }
    var documents = row.documents();
    int last = documents.size() - 1;
    while (documents.get(last).start() > question.token()) {
      last--;
    }
    int end = last + 1 < documents.size() ? documents.get(last + 1).start() : row.tokens();
    return new Piece(documents.get(last).id(), documents.get(last).start(), end);
  }

  /** Columns id, text, response, file, position. A passage is its document's id, ~ and a number. */
  private static Row document(
      SparkSession spark, List<PublishedDocuments> documents, String passage) {
    var ids = List.of(passage, passage.replaceFirst("~\\d+$", ""));
    var found =
        documents.stream()
            .map(each -> each.rows(spark))
            .reduce(Dataset::unionByName)
            .orElseThrow()
            .where(functions.col("id").isin(ids.toArray()))
            .select("id", "text", "response", "file", "position")
            .collectAsList();
    if (found.size() != 1) {
      throw new InputException(
          "%d documents of %s are named %s: give all documents that the corpus was made of",
          found.size(),
          documents.stream()
              .map(each -> each.folder().directory().toString())
              .collect(Collectors.joining(", ")),
          passage);
    }
    return found.get(0);
  }

  private static String line(Tokenizer tokenizer, Sequence row, Piece piece, int token) {
    int from = Math.max(piece.begin(), token - AROUND);
    int to = Math.min(piece.end(), token + 1 + AROUND);
    return text(tokenizer, row, from, token)
        + "⟦"
        + text(tokenizer, row, token, token + 1)
        + "⟧"
        + text(tokenizer, row, token + 1, to);
  }

  private static int character(
      Tokenizer tokenizer, Sequence row, Piece piece, int token, Row document) {
    int end = piece.end();
    if (tokenizer.findEndOfText().isPresent()) {
      while (end > token + 1 && row.inputIds()[end - 1] == tokenizer.endOfText()) {
        end--;
      }
    }
    String before = text(tokenizer, row, piece.begin(), token);
    String whole = before + text(tokenizer, row, token, end);
    int found = (document.getString(1) + document.getString(2)).indexOf(whole);
    return found < 0 ? -1 : found + before.length();
  }

  private static String text(Tokenizer tokenizer, Sequence row, int from, int to) {
    return tokenizer.decode(Arrays.copyOfRange(row.inputIds(), from, to));
  }

  /** Text for people. */
  public String text() {
    return String.join(
        System.lineSeparator(),
        "token     id %d: %s".formatted(id, line.replace("\n", "\\n")),
        "drawn as  %s, row %d of %s".formatted(drawn.sequence(), drawn.row(), drawn.shard()),
        "because   %s has weight %.4f; %s".formatted(group.group(), group.weight(), group.reason()),
        "document  %s%s"
            .formatted(document, passage.equals(document) ? "" : ", passage " + passage),
        "from      %s%s%s"
            .formatted(
                file,
                position.isEmpty() ? "" : " at " + position,
                character < 0 ? "" : ", character %,d of its cleaned text".formatted(character)));
  }
}
