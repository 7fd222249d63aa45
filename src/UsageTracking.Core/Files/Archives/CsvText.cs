namespace UsageTracking.Files.Archives;

/// <summary>Texts that may be null, in a CSV field, where an empty field is null: a text that is empty, or begins with a backslash, gets one more.</summary>
internal static class CsvText
{
    private const char Mark = '\\';

    public static string? Escape(string? text) => text is "" || text?[0] == Mark ? Mark + text : text;

    public static string? Unescape(string field) => field.Length == 0 ? null : field[0] == Mark ? field[1..] : field;
}
