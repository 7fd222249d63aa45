using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using UsageTracking.Metering;
using UsageTracking.Time;

namespace UsageTracking.Files.Import;

/// <summary>Puts the text of a value into a record, without making a string of it where it need not.</summary>
internal static class FieldText
{
    // A decimal holds any number of so many characters.
    private const int LongestShortNumber = 28;

    /// <summary>Puts a value; empty text counts as in every other input.</summary>
    /// <exception cref="UsageException">The value is unusable.</exception>
    public static void Put(RecordInput record, RecordField field, ReadOnlySpan<byte> utf8)
    {
        switch (field)
        {
            case RecordField.Service:
                record.Service = NotEmpty(utf8, "UnknownService", "service");
                break;
            case RecordField.CustomerId:
                record.CustomerId = NotEmpty(utf8, "InvalidCustomerId", "customer id");
                break;
            case RecordField.Quantity:
                record.Quantity = Number(utf8);
                break;
            case RecordField.UnitCost:
                record.UnitCost = utf8.IsEmpty ? null : Number(utf8);
                break;
            case RecordField.Timestamp:
                record.Timestamp = TimeInput.TryParseUtf8(utf8, out TimeInput time) ? time : TimeInput.Parse(Text(utf8));
                break;
            case RecordField.EventKey:
                record.EventKey = utf8.IsEmpty ? null : Text(utf8);
                break;
            case RecordField.Metadata:
                record.Metadata = utf8.IsEmpty ? Metadata.Empty : ReadMetadata(utf8);
                break;
        }
    }

    /// <summary>Puts a null, which is the same as nothing only where nothing is needed.</summary>
    /// <exception cref="UsageException">The value cannot be null.</exception>
    public static void PutNull(RecordInput record, RecordField field)
    {
        if (field == RecordField.Quantity)
            record.Quantity = null;
        else
            Put(record, field, default);
    }

    /// <summary>The text of a value.</summary>
    /// <exception cref="UsageException"><c>InvalidLine</c>: it is not UTF-8.</exception>
    public static string Text(ReadOnlySpan<byte> utf8)
    {
        CheckUtf8(utf8);
        return Encoding.UTF8.GetString(utf8);
    }

    private static Metadata ReadMetadata(ReadOnlySpan<byte> utf8)
    {
        CheckUtf8(utf8);
        return Metadata.Parse(utf8);
    }

    private static void CheckUtf8(ReadOnlySpan<byte> utf8)
    {
        if (!Utf8.IsValid(utf8))
            throw UsageException.Invalid("InvalidLine", $"'{Encoding.Latin1.GetString(utf8)}' is not written in UTF-8. Save the file as UTF-8.");
    }

    private static object Number(ReadOnlySpan<byte> utf8) =>
        utf8.Length is > 0 and <= LongestShortNumber && char.IsAsciiDigit((char)utf8[0]) && char.IsAsciiDigit((char)utf8[^1])
            && Utf8Parser.TryParse(utf8, out decimal number, out int read) && read == utf8.Length && utf8.IndexOfAny((byte)'e', (byte)'E') < 0
            ? number
            : Text(utf8);

    // Present but empty is a mistake in the data, not a wish for the default.
    private static string NotEmpty(ReadOnlySpan<byte> utf8, string errorId, string what) => utf8.IsEmpty
        ? throw UsageException.Invalid(errorId, $"The {what} is there but empty. Give one, or leave the column out for the default.", "")
        : Text(utf8);
}
