using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace UsageTracking.Metering;

/// <summary>
/// The JSON object a record carries, in one canonical form: compact, keys in the order of their UTF-16 code units as in
/// RFC 8785, the last of repeated keys, numbers without exponent. The same metadata is the same bytes on every store.
/// </summary>
public sealed class Metadata : IEquatable<Metadata>
{
    /// <summary>Bytes of UTF-8 that metadata may have.</summary>
    public const int LargestSize = 64 * 1024;

    private const int LargestDepth = 32;

    // PostgreSQL's numeric keeps no more.
    private const int LargestNumberOfDecimals = 16_383;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = LargestDepth };

    [ThreadStatic]
    private static Buffers? _buffers;

    private readonly byte[] _json;

    private Metadata(byte[] json) => _json = json;

    /// <summary>No metadata: an empty object.</summary>
    public static Metadata Empty { get; } = new("{}"u8.ToArray());

    /// <summary>The canonical JSON in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 => _json;

    internal byte[] Bytes => _json;

    /// <summary>Turns an object that is neither text nor dictionary nor list into its named values; null where it has none.</summary>
    /// <remarks>PowerShell's objects are read this way without this assembly knowing of them.</remarks>
    public delegate IEnumerable<KeyValuePair<string, object?>>? PropertyReader(object value);

    /// <summary>Reads JSON text.</summary>
    /// <exception cref="UsageException"><c>InvalidMetadata</c>: no JSON object, too large, too deep, or with a NUL.</exception>
    public static Metadata Parse(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, ReaderOptions);
            return FromElement(document.RootElement);
        }
        catch (Exception cause) when (cause is JsonException or ArgumentException)
        {
            // A lone surrogate is the argument exception.
            throw Invalid($"The metadata is no valid JSON: {cause.Message}", json, cause);
        }
    }

    /// <summary>Reads JSON text in UTF-8.</summary>
    /// <exception cref="UsageException"><c>InvalidMetadata</c>: no JSON object, too large, too deep, or with a NUL.</exception>
    public static Metadata Parse(ReadOnlySpan<byte> utf8) =>
        utf8.SequenceEqual("{}"u8) ? Empty : Flat(utf8) ?? Parse(Encoding.UTF8.GetString(utf8));

    /// <summary>Reads what a store keeps; it was canonical once, though a store may have reordered it.</summary>
    internal static Metadata FromStore(string? json)
    {
        if (json is null or "{}")
            return Empty;

        try
        {
            return Parse(json);
        }
        catch (UsageException)
        {
            return Foreign(json);
        }
    }

    /// <summary>Reads what a store keeps as UTF-8; empty for none.</summary>
    internal static Metadata FromUtf8(ReadOnlySpan<byte> utf8) =>
        utf8.IsEmpty || utf8.SequenceEqual("{}"u8) ? Empty : Flat(utf8) ?? FromStore(Encoding.UTF8.GetString(utf8));

    // The short way; null where the JSON is not that simple.
    private static Metadata? Flat(ReadOnlySpan<byte> utf8)
    {
        Span<byte> canonical = stackalloc byte[FlatMetadata.Longest];
        int length = FlatMetadata.Write(utf8, canonical);
        return length >= 0 ? new Metadata(canonical[..length].ToArray()) : null;
    }

    private static Metadata? Flat(IDictionary dictionary)
    {
        Span<byte> canonical = stackalloc byte[FlatMetadata.Longest];
        int length = FlatMetadata.Write(dictionary, canonical);
        return length >= 0 ? new Metadata(canonical[..length].ToArray()) : null;
    }

    /// <summary>Takes bytes that this class wrote.</summary>
    internal static Metadata FromCanonical(ReadOnlySpan<byte> utf8) => new(utf8.ToArray());

    /// <summary>Reads a parsed JSON object.</summary>
    /// <exception cref="UsageException"><c>InvalidMetadata</c>.</exception>
    public static Metadata FromElement(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Invalid(
                $"The metadata is a JSON {element.ValueKind.ToString().ToLowerInvariant()}, not an object. Give an object, such as {{\"endpoint\":\"/users\"}}.",
                element.ToString());
        }

        return Build(element, static _ => null);
    }

    /// <summary>Serialises a dictionary, or an object whose named values the reader gives.</summary>
    /// <exception cref="UsageException"><c>InvalidMetadata</c>.</exception>
    public static Metadata From(object value, PropertyReader properties) =>
        value is not IDictionary dictionary ? Build(value, properties)
        : dictionary.Count == 0 ? Empty
        : Flat(dictionary) ?? Build(value, properties);

    /// <summary>The value of a top-level key as text, or null where there is none.</summary>
    public string? this[string key]
    {
        get
        {
            using JsonDocument document = JsonDocument.Parse(_json);
            if (!document.RootElement.TryGetProperty(key, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
                return null;

            return value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        }
    }

    /// <summary>The JSON of the values of top-level keys, whatever a store keeps; null for each that is not there.</summary>
    internal static string?[] JsonOf(string? json, IReadOnlyList<string> keys)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json ?? "{}");
            return document.RootElement is { ValueKind: JsonValueKind.Object } root
                ? [.. keys.Select(key => root.TryGetProperty(key, out JsonElement value) ? value.GetRawText() : null)]
                : new string?[keys.Count];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or a key with half of a surrogate pair.
            return new string?[keys.Count];
        }
    }

    /// <inheritdoc/>
    public bool Equals(Metadata? other) => other is not null && _json.AsSpan().SequenceEqual(other._json);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Metadata);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_json);
        return hash.ToHashCode();
    }

    /// <summary>The canonical JSON text.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_json);

    // Other programs may have written objects beyond our limits, JSON that is no object, or no JSON at all.
    private static Metadata Foreign(string json)
    {
        object value = json;
        try
        {
            JsonElement element = JsonSerializer.Deserialize<JsonElement>(json);
            if (element.ValueKind == JsonValueKind.Object)
                return new Metadata(Encoding.UTF8.GetBytes(json));

            value = element;
        }
        catch (JsonException)
        {
            // It stays a text.
        }

        return new Metadata(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["value"] = value }));
    }

    private static Metadata Build(object value, PropertyReader properties)
    {
        // Reading a value may run code that makes metadata of its own: that must not find these buffers.
        Buffers buffers = _buffers ?? new Buffers();
        _buffers = null;
        buffers.Output.ResetWrittenCount();
        buffers.Writer.Reset();
        try
        {
            WriteValue(buffers.Writer, value, properties, 0);
            CheckSize(buffers.Writer);
            buffers.Writer.Flush();
            ReadOnlySpan<byte> json = buffers.Output.WrittenSpan;
            return json[0] == '{' ? new Metadata(json.ToArray())
                : throw Invalid($"The metadata is a {value.GetType().Name}, not an object with named values.", value);
        }
        catch (Exception cause) when (cause is ArgumentException or InvalidOperationException)
        {
            // A lone surrogate has no UTF-8 form.
            throw Invalid($"The metadata holds text that is not valid Unicode: {cause.Message}", value, cause);
        }
        finally
        {
            _buffers = buffers;
        }
    }

    // Checked while writing too: an object whose properties lead on and on could fill the memory before it ends.
    private static void CheckSize(Utf8JsonWriter writer)
    {
        if (writer.BytesCommitted + writer.BytesPending > LargestSize)
        {
            throw Invalid(FormattableString.Invariant(
                $"The metadata takes more than {LargestSize:N0} bytes of JSON, the most that are kept. Leave out what is not needed for billing."), null);
        }
    }

    private static void CheckDepth(int depth)
    {
        if (depth >= LargestDepth)
            throw Invalid($"The metadata is nested deeper than {LargestDepth} levels, or refers to itself.", null);
    }

    private static void WriteValue(Utf8JsonWriter writer, object? value, PropertyReader properties, int depth)
    {
        CheckSize(writer);
        switch (value)
        {
            case null or DBNull:
                writer.WriteNullValue();
                break;
            case string text:
                WriteText(writer, text);
                break;
            case bool truth:
                writer.WriteBooleanValue(truth);
                break;
            case int number:
                writer.WriteNumberValue(number);
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            case decimal or double or float or Half or short or sbyte or byte or ushort or uint or ulong or System.Numerics.BigInteger:
                WriteNumber(writer, ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
                break;
            case JsonElement element:
                WriteElement(writer, element, properties, depth);
                break;
            case IDictionary dictionary:
                WriteObject(writer, Entries(dictionary), properties, depth);
                break;
            case DateTime or DateTimeOffset or DateOnly or TimeOnly:
                writer.WriteStringValue(((IFormattable)value).ToString("o", CultureInfo.InvariantCulture));
                break;
            default:
                WriteOther(writer, value, properties, depth);
                break;
        }
    }

    private static void WriteOther(Utf8JsonWriter writer, object value, PropertyReader properties, int depth)
    {
        if (properties(value) is { } named)
        {
            WriteObject(writer, named, properties, depth);
        }
        else if (value is IEnumerable items)
        {
            CheckDepth(depth);
            writer.WriteStartArray();
            foreach (object? item in items)
                WriteValue(writer, item, properties, depth + 1);
            writer.WriteEndArray();
        }
        else
        {
            WriteText(writer, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }
    }

    private static void WriteElement(Utf8JsonWriter writer, JsonElement element, PropertyReader properties, int depth)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(writer, element.EnumerateObject().Select(p => new KeyValuePair<string, object?>(p.Name, p.Value)), properties, depth);
                break;
            case JsonValueKind.Array:
                CheckDepth(depth);
                writer.WriteStartArray();
                foreach (JsonElement item in element.EnumerateArray())
                    WriteElement(writer, item, properties, depth + 1);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                WriteText(writer, element.GetString()!);
                break;
            case JsonValueKind.Number:
                WriteNumber(writer, element.GetRawText());
                break;
            default:
                element.WriteTo(writer);
                break;
        }
    }

    private static void WriteObject(
        Utf8JsonWriter writer, IEnumerable<KeyValuePair<string, object?>> entries, PropertyReader properties, int depth)
    {
        CheckDepth(depth);

        // Few keys: sorting in place is quicker than any tree. A stable sort keeps the last of repeated keys last.
        var sorted = new List<KeyValuePair<string, object?>>(8);
        foreach (KeyValuePair<string, object?> entry in entries)
        {
            int at = sorted.Count;
            while (at > 0 && string.CompareOrdinal(sorted[at - 1].Key, entry.Key) > 0)
                at--;

            if (at > 0 && sorted[at - 1].Key == entry.Key)
                sorted[at - 1] = entry;
            else
                sorted.Insert(at, entry);
        }

        writer.WriteStartObject();
        foreach ((string key, object? value) in sorted)
        {
            CheckText(key);
            writer.WritePropertyName(key);
            WriteValue(writer, value, properties, depth + 1);
        }

        writer.WriteEndObject();
    }

    private static IEnumerable<KeyValuePair<string, object?>> Entries(IDictionary dictionary)
    {
        // Its own enumerator boxes no entries.
        IDictionaryEnumerator entry = dictionary.GetEnumerator();
        while (entry.MoveNext())
            yield return new KeyValuePair<string, object?>(entry.Key as string ?? Convert.ToString(entry.Key, CultureInfo.InvariantCulture) ?? "", entry.Value);
    }

    private static void WriteText(Utf8JsonWriter writer, string text)
    {
        CheckText(text);
        writer.WriteStringValue(text);
    }

    internal static void CheckText(string text)
    {
        // Nearly all text lies between a space and the surrogates, which is seen at a glance.
        if (text.AsSpan().IndexOfAnyExceptInRange(' ', '\uD7FF') < 0)
            return;

        if (text.Contains('\0', StringComparison.Ordinal))
            throw Invalid("The metadata holds a NUL character, which PostgreSQL cannot keep. Remove it.", text);

        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
                continue;

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
                throw Invalid("The metadata holds half of a surrogate pair, which is no character. Remove it.", text);

            i++;
        }
    }

    private static void WriteNumber(Utf8JsonWriter writer, string text)
    {
        // PostgreSQL's jsonb writes numbers out in full; so that both stores agree, so do we.
        if (text.AsSpan().IndexOfAny('e', 'E') < 0 && text[0] != '-')
        {
            if (!char.IsAsciiDigit(text[0]))
                throw Invalid($"The metadata holds {text}, which is no JSON number.", text);

            WriteDigits(writer, text);
            return;
        }

        if (!ExactDecimal.TryParse(text, out ExactDecimal number))
            throw Invalid($"The metadata holds {text}, which is no number that can be kept.", text);

        bool asWritten = number.Sign < 0 && text.AsSpan().IndexOfAny('e', 'E') < 0;
        WriteDigits(writer, asWritten ? text : number.Sign == 0 ? text.TrimStart('-').Split('e', 'E')[0] : number.ToString());
    }

    private static void WriteDigits(Utf8JsonWriter writer, string digits)
    {
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0 && digits.Length - point - 1 > LargestNumberOfDecimals)
            throw Invalid(FormattableString.Invariant($"The metadata holds a number with more than {LargestNumberOfDecimals:N0} decimals. Round it, or write it as text."), digits);

        writer.WriteRawValue(digits, skipInputValidation: true);
    }

    private static UsageException Invalid(string message, object? target, Exception? cause = null) =>
        UsageException.Invalid("InvalidMetadata", message, target, cause);

    private sealed class Buffers
    {
        public Buffers() => Writer = new Utf8JsonWriter(Output, WriterOptions);

        public ArrayBufferWriter<byte> Output { get; } = new(512);

        public Utf8JsonWriter Writer { get; }
    }
}
