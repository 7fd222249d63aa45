using System.Buffers.Text;
using System.Globalization;
using UsageTracking.Metering;

namespace UsageTracking.Stores.Sqlite;

/// <summary>How times and decimals are written in a SQLite file.</summary>
internal static class SqliteText
{
    private const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff'Z'";

    /// <summary>The time in <see cref="TimeFormat"/>, made from the round-trip form, which takes a third of the time.</summary>
    public static string Time(DateTimeOffset time) => string.Create(27, time.UtcDateTime, static (text, utc) =>
    {
        Span<char> roundTrip = stackalloc char[28];
        utc.TryFormat(roundTrip, out _, "O", CultureInfo.InvariantCulture);
        roundTrip[..26].CopyTo(text);
        text[10] = ' ';
        text[26] = 'Z';
    });

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? time
            // Other programs may write any of SQLite's own forms.
            : DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUniversalTime();

    /// <summary>Reads a number that a decimal keeps with all its digits, without making a text of it first.</summary>
    public static bool TryReadSmall(ReadOnlySpan<byte> text, out decimal value)
    {
        value = 0;
        return text.Length is > 0 and <= 28 && text.IndexOfAny((byte)'e', (byte)'E') < 0 && Utf8Parser.TryParse(text, out value, out int read) && read == text.Length;
    }

    public static string Number(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    public static decimal Number(string text) => ExactDecimal.Parse(text).TryToDecimal(out decimal value)
        ? ExactDecimal.Trim(value)
        : throw new FormatException($"'{text}' has more digits than a quantity or price may have.");
}
