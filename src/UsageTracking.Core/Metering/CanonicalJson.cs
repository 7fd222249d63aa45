using System.Text.Json;

namespace UsageTracking.Metering;

/// <summary>
/// Sees at a glance that metadata is in its canonical form already, as it is in what this module exported. That costs a tenth
/// of writing it anew.
/// </summary>
internal static class CanonicalJson
{
    private const int LongestSimple = 4096;

    /// <summary>
    /// Whether the text is a flat object of plain ASCII in canonical form. Where this says no, it may be one all the same.
    /// </summary>
    public static bool IsSimple(ReadOnlySpan<byte> json)
    {
        // Without escapes, texts are as they were written.
        if (json.Length > LongestSimple || json is not [(byte)'{', .., (byte)'}'] || json.IndexOfAnyExceptInRange((byte)' ', (byte)'~') >= 0 || json.Contains((byte)'\\'))
            return false;

        try
        {
            return IsCompact(json);
        }
        catch (JsonException)
        {
            // It is read again, and then there is a message.
            return false;
        }
    }

    private static bool IsCompact(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        ReadOnlySpan<byte> last = default;
        int length = 2;
        bool isFirst = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            ReadOnlySpan<byte> name = reader.ValueSpan;
            if (!isFirst && name.SequenceCompareTo(last) <= 0)
                return false;

            reader.Read();
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                return false;

            ReadOnlySpan<byte> value = reader.ValueSpan;
            // An exponent is written out, and a minus is gone from a zero.
            if (reader.TokenType == JsonTokenType.Number && value.IndexOfAny("eE-"u8) >= 0)
                return false;

            // Two quotes and a colon, the quotes of the value, and the comma before.
            length += name.Length + 3 + value.Length + (reader.TokenType == JsonTokenType.String ? 2 : 0) + (isFirst ? 0 : 1);
            last = name;
            isFirst = false;
        }

        // Any white space makes it longer.
        return !reader.Read() && length == json.Length;
    }
}
