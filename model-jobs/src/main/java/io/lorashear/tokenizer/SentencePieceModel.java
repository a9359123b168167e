package io.lorashear.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * A {@code tokenizer.model} of SentencePiece with fewer pieces. It is a protocol buffer (ModelProto
 * of sentencepiece_model.proto):
 *
 * <pre>
 *   1   a piece: text, score, kind; its place is its id   →  only those that stay, unchanged
 *   2   training: 4 number of pieces, 40–43 ids of unk, bos, eos, pad   →  the new numbers
 *   4   texts for a test of itself with the old pieces   →  left out
 *   others   →  unchanged
 * </pre>
 *
 * SentencePiece joins any two neighbours that make a piece, the one with the highest score first.
 * Scores stay, so what holds for merges ({@link Derivations}) holds for pieces.
 */
final class SentencePieceModel {
  private static final int PIECE = 1;
  private static final int TRAINING = 2;
  private static final int SELF_TEST = 4;
  private static final int TEXT = 1;
  private static final int NUMBER_OF_PIECES = 4;
  private static final int FIRST_ROLE = 40;
  private static final int LAST_ROLE = 43;
  private static final int VARINT = 0;
  private static final int EIGHT_BYTES = 1;
  private static final int SIZED = 2;
  private static final int FOUR_BYTES = 5;

  private final VocabularyFiles files;
  private final VocabularyCut cut;
  private int pieces;
  private int kept;

  private SentencePieceModel(VocabularyFiles files, VocabularyCut cut) {
    this.files = files;
    this.cut = cut;
  }

  /**
   * The smaller model; empty if the file is not such a model, or if its pieces are not the first
   * tokens of {@code files}.
   */
  static Optional<byte[]> cut(byte[] model, VocabularyFiles files, VocabularyCut cut) {
    var smaller = new SentencePieceModel(files, cut);
    try {
      smaller.count(ByteBuffer.wrap(model));
      return smaller.pieces == 0
          ? Optional.empty()
          : Optional.of(smaller.written(ByteBuffer.wrap(model)));
    } catch (BufferUnderflowException | IllegalArgumentException notThis) {
      return Optional.empty();
    }
  }

  /** A field: its number, its type, and all of its bytes. */
  private record Field(int number, int type, ByteBuffer content, ByteBuffer whole) {
    static Field read(ByteBuffer from) {
      int begin = from.position();
      long head = varint(from);
      int type = (int) head & 7;
      long size =
          switch (type) {
            case VARINT -> sizeOfVarint(from);
            case EIGHT_BYTES -> Long.BYTES;
            case FOUR_BYTES -> Integer.BYTES;
            case SIZED -> varint(from);
            default -> throw new IllegalArgumentException("type " + type);
          };
      if (size < 0 || size > from.remaining()) {
        throw new BufferUnderflowException();
      }
      var content = from.slice(from.position(), (int) size);
      from.position(from.position() + (int) size);
      return new Field(
          (int) (head >>> 3), type, content, from.slice(begin, from.position() - begin));
    }
  }

  private static long varint(ByteBuffer from) {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = from.get();
      value |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IllegalArgumentException("a number of more than ten bytes");
  }

  private static int sizeOfVarint(ByteBuffer from) {
    var ahead = from.duplicate();
    varint(ahead);
    return ahead.position() - from.position();
  }

  private void count(ByteBuffer model) {
    while (model.hasRemaining()) {
      var field = Field.read(model);
      if (field.number() == PIECE && field.type() == SIZED) {
        var id = files.ids().get(text(field.content()));
        if (id == null || id != pieces) {
          throw new IllegalArgumentException("piece " + pieces + " is another token");
        }
        kept += cut.keeps(pieces) ? 1 : 0;
        pieces++;
      }
    }
  }

  private static String text(ByteBuffer piece) {
    while (piece.hasRemaining()) {
      var field = Field.read(piece);
      if (field.number() == TEXT && field.type() == SIZED) {
        return StandardCharsets.UTF_8.decode(field.content()).toString();
      }
    }
    return "";
  }

  private byte[] written(ByteBuffer model) {
    var out = new ByteArrayOutputStream();
    for (int piece = 0; model.hasRemaining(); ) {
      var field = Field.read(model);
      if (field.number() == PIECE) {
        if (cut.keeps(piece++)) {
          put(out, field.whole());
        }
      } else if (field.number() == TRAINING) {
        var training = training(field.content());
        put(out, (long) TRAINING << 3 | SIZED);
        put(out, training.length);
        out.writeBytes(training);
      } else if (field.number() != SELF_TEST) {
        put(out, field.whole());
      }
    }
    return out.toByteArray();
  }

  private byte[] training(ByteBuffer old) {
    var out = new ByteArrayOutputStream();
    while (old.hasRemaining()) {
      var field = Field.read(old);
      int number = field.number();
      if (field.type() == VARINT && (number == NUMBER_OF_PIECES || isRole(number))) {
        put(out, (long) number << 3 | VARINT);
        put(out, number == NUMBER_OF_PIECES ? kept : role(varint(field.content())));
      } else {
        put(out, field.whole());
      }
    }
    return out.toByteArray();
  }

  private static boolean isRole(int number) {
    return number >= FIRST_ROLE && number <= LAST_ROLE;
  }

  /** The new id of unk, bos, eos or pad; −1 stands for none. */
  private long role(long id) {
    return id < 0 || id >= pieces || !cut.keeps((int) id) ? -1 : cut.newIds()[(int) id];
  }

  private static void put(ByteArrayOutputStream out, ByteBuffer bytes) {
    var copy = new byte[bytes.remaining()];
    bytes.duplicate().get(copy);
    out.writeBytes(copy);
  }

  private static void put(ByteArrayOutputStream out, long value) {
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.write((int) (left & 0x7F | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
