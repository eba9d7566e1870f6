package io.revfs.dvc.pickle;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads pickles of all protocols that hold plain values: maps with texts as keys, lists, tuples,
 * texts, numbers, booleans and none. A pickle is a program that could import and call anything; the
 * instructions for that are refused, so what is read is never more than data. For one thread.
 */
public final class PickleReader {
  /** Deeper values, or more of them, are no arguments of anything. */
  private static final int MOST_DEPTH = 50;

  private static final int MOST_VALUES = 100_000;

  private static final Object MARK = new Object();

  private final ByteBuffer in;
  private final Deque<Object> stack = new ArrayDeque<>();
  private final Map<Integer, Object> memo = new HashMap<>();
  private int values;

  /** What Python's {@code None} is on the stack, which has no nulls. */
  private static final Object NONE = new Object();

  private PickleReader(byte[] pickle) {
    this.in = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Returns the value; lists and tuples are lists.
   *
   * @throws PickleException if it is cut off, no pickle, or of more than plain values
   */
  public static @Nullable Object read(byte[] pickle) throws PickleException {
    PickleReader reader = new PickleReader(pickle);
    try {
      return reader.plain(reader.run(), 0);
    } catch (java.nio.BufferUnderflowException | java.util.NoSuchElementException e) {
      throw broken();
    }
  }

  private static PickleException broken() {
    return new PickleException("it is no pickle, or cut off");
  }

  private Object run() throws PickleException {
    while (true) {
      int code = in.get() & 0xff;
      switch (code) {
        case '.' -> {
          return stack.pop();
        }
        case 0x80 -> in.get(); // protocol
        case 0x95 -> in.getLong(); // frame
        case '(' -> stack.push(MARK);
        case '0' -> stack.pop();
        case '1' -> sinceMark();
        case 'N' -> stack.push(NONE);
        case 0x88 -> stack.push(true);
        case 0x89 -> stack.push(false);
        case 'I' -> stack.push(number(line(), true));
        case 'L' -> stack.push(number(line().replaceFirst("L$", ""), false));
        case 'J' -> stack.push((long) in.getInt());
        case 'K' -> stack.push((long) (in.get() & 0xff));
        case 'M' -> stack.push((long) (in.getShort() & 0xffff));
        case 0x8a -> stack.push(whole(bytes(in.get() & 0xff)));
        case 'F' -> stack.push(real(line()));
        case 'G' -> stack.push(Double.longBitsToDouble(Long.reverseBytes(in.getLong())));
        case 'V' -> stack.push(unescaped(line()));
        case 0x8c -> stack.push(text(in.get() & 0xff));
        case 'X' -> stack.push(text(in.getInt()));
        case 0x8d -> stack.push(text(length(in.getLong())));
        case '}' -> stack.push(new LinkedHashMap<>());
        case ']', ')' -> stack.push(new ArrayList<>());
        case 'd' -> stack.push(putAll(new LinkedHashMap<>(), sinceMark()));
        case 'l', 't' -> stack.push(sinceMark());
        case 0x85 -> stack.push(last(1));
        case 0x86 -> stack.push(last(2));
        case 0x87 -> stack.push(last(3));
        case 'a' -> {
          Object item = stack.pop();
          topList().add(item);
        }
        case 'e' -> {
          List<Object> items = sinceMark();
          topList().addAll(items);
        }
        case 's' -> putAll(last(2));
        case 'u' -> putAll(sinceMark());
        case 0x94 -> memo.put(memo.size(), stack.element());
        case 'p' -> memo.put(index(line()), stack.element());
        case 'q' -> memo.put(in.get() & 0xff, stack.element());
        case 'r' -> memo.put(in.getInt(), stack.element());
        case 'g' -> stack.push(remembered(index(line())));
        case 'h' -> stack.push(remembered(in.get() & 0xff));
        case 'j' -> stack.push(remembered(in.getInt()));
        default -> throw refused(code);
      }
    }
  }

  /** Instructions that import, call or build what is no plain value have names that say so. */
  private static PickleException refused(int code) {
    return switch (code) {
      case 'c', 'i', 'o', 'R', 'b', 'P', 'Q', 0x81, 0x82, 0x83, 0x84, 0x92, 0x93 ->
          new PickleException("it is a program, not only data, and is not run");
      default ->
          new PickleException("it holds more than plain values (instruction %d)".formatted(code));
    };
  }

  @SuppressWarnings("unchecked") // the lists here are made here
  private List<Object> topList() throws PickleException {
    if (stack.element() instanceof ArrayList<?> list) {
      return (List<Object>) list;
    }
    throw broken();
  }

  @SuppressWarnings("unchecked") // and so are the maps
  private void putAll(List<Object> pairs) throws PickleException {
    if (!(stack.element() instanceof LinkedHashMap<?, ?> map)) {
      throw broken();
    }
    var unused = putAll((Map<Object, Object>) map, pairs);
  }

  private List<Object> sinceMark() throws PickleException {
    List<Object> items = new ArrayList<>();
    for (Object item = stack.pop(); item != MARK; item = stack.pop()) {
      items.add(item);
    }
    Collections.reverse(items);
    return items;
  }

  private List<Object> last(int count) throws PickleException {
    List<Object> items = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (stack.element() == MARK) {
        throw broken();
      }
      items.addFirst(stack.pop());
    }
    return items;
  }

  private static Map<Object, Object> putAll(Map<Object, Object> map, List<Object> pairs)
      throws PickleException {
    if (pairs.size() % 2 != 0) {
      throw broken();
    }
    for (int i = 0; i < pairs.size(); i += 2) {
      if (!(pairs.get(i) instanceof String key)) {
        throw new PickleException("it has keys that are no texts");
      }
      map.put(key, pairs.get(i + 1));
    }
    return map;
  }

  private Object remembered(int index) throws PickleException {
    Object value = memo.get(index);
    if (value == null) {
      throw broken();
    }
    return value;
  }

  private byte[] bytes(int length) throws PickleException {
    if (length < 0 || length > in.remaining()) {
      throw broken();
    }
    byte[] bytes = new byte[length];
    in.get(bytes);
    return bytes;
  }

  private static int length(long length) throws PickleException {
    if (length < 0 || length > Integer.MAX_VALUE) {
      throw broken();
    }
    return (int) length;
  }

  private String text(int length) throws PickleException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes(length))).toString();
    } catch (CharacterCodingException e) {
      throw broken();
    }
  }

  private String line() {
    StringBuilder line = new StringBuilder();
    for (int c = in.get() & 0xff; c != '\n'; c = in.get() & 0xff) {
      line.append((char) c);
    }
    return line.toString();
  }

  private static int index(String text) throws PickleException {
    return parsed(text, Integer::parseInt);
  }

  private static Object number(String text, boolean mayBeFlag) throws PickleException {
    if (mayBeFlag && (text.equals("00") || text.equals("01"))) {
      return text.equals("01"); // how protocol 0 has booleans
    }
    BigInteger number = parsed(text, BigInteger::new);
    return whole(number);
  }

  private static Object real(String text) throws PickleException {
    return parsed(text.replace("inf", "Infinity").replace("nan", "NaN"), Double::parseDouble);
  }

  private static <T> T parsed(String text, Function<String, T> parser) throws PickleException {
    try {
      return parser.apply(text);
    } catch (NumberFormatException e) {
      throw broken();
    }
  }

  private static Object whole(byte[] littleEndian) {
    byte[] bytes = new byte[littleEndian.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = littleEndian[bytes.length - 1 - i];
    }
    return whole(bytes.length == 0 ? BigInteger.ZERO : new BigInteger(bytes));
  }

  private static Object whole(BigInteger number) {
    return number.bitLength() < Long.SIZE ? (Object) number.longValue() : number;
  }

  private static String unescaped(String text) throws PickleException {
    StringBuilder result = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
      int digits = text.charAt(i) != '\\' ? 0 : next == 'u' ? 4 : next == 'U' ? 8 : 0;
      if (digits == 0) {
        result.append(text.charAt(i));
        continue;
      }
      if (i + 2 + digits > text.length()) {
        throw broken();
      }
      int point = parsed(text.substring(i + 2, i + 2 + digits), t -> Integer.parseInt(t, 16));
      if (!Character.isValidCodePoint(point)) {
        throw broken();
      }
      result.appendCodePoint(point);
      i += 1 + digits;
    }
    return result.toString();
  }

  /** Copies what was read; a value that holds itself, or is unfolded to too much, is refused. */
  private @Nullable Object plain(Object value, int depth) throws PickleException {
    if (depth > MOST_DEPTH || ++values > MOST_VALUES) {
      throw new PickleException("it is too large, or holds itself");
    }
    return switch (value) {
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          copy.put(String.valueOf(entry.getKey()), plain(entry.getValue(), depth + 1));
        }
        yield copy;
      }
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        for (Object item : list) {
          copy.add(plain(item, depth + 1));
        }
        yield copy;
      }
      default -> {
        if (value == MARK) {
          throw broken();
        }
        yield value == NONE ? null : value;
      }
    };
  }
}
