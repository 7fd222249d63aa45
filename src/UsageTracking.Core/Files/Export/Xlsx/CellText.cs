using System.Buffers;
using System.Globalization;
using System.Text;

namespace UsageTracking.Files.Export.Xlsx;

/// <summary>Writes text into a sheet: as XML, and as the cells of a spreadsheet take it.</summary>
internal static class CellText
{
    /// <summary>Characters that a cell holds.</summary>
    public const int Longest = 32_767;

    private static readonly SearchValues<byte> Special = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(b => (byte)b), (byte)'&', (byte)'<', (byte)'>', (byte)'_', 0xEF]);

    /// <summary>Appends an inline string, which is never a formula.</summary>
    /// <returns>Whether it had to be cut.</returns>
    public static bool Append(IBufferWriter<byte> sheet, ReadOnlySpan<byte> utf8)
    {
        bool cut = utf8.Length > Longest && Encoding.UTF8.GetCharCount(utf8) > Longest;
        sheet.Write(IsPadded(utf8) ? "<x:is><x:t xml:space=\"preserve\">"u8 : "<x:is><x:t>"u8);
        AppendXml(sheet, cut ? Encoding.UTF8.GetBytes(Cut(Encoding.UTF8.GetString(utf8))) : utf8);
        sheet.Write("</x:t></x:is>"u8);
        return cut;
    }

    private static bool IsPadded(ReadOnlySpan<byte> utf8) => !utf8.IsEmpty && (utf8[0] <= ' ' || utf8[^1] <= ' ');

    private static string Cut(string text)
    {
        int length = Longest - 1;
        // Not in the middle of a character.
        return text[..(char.IsHighSurrogate(text[length - 1]) ? length - 1 : length)] + '…';
    }

    private static void AppendXml(IBufferWriter<byte> sheet, ReadOnlySpan<byte> utf8)
    {
        while (utf8.IndexOfAny(Special) is >= 0 and var at)
        {
            sheet.Write(utf8[..at]);
            utf8 = utf8[at..];
            int length = 1;
            switch (utf8[0])
            {
                case (byte)'&':
                    sheet.Write("&amp;"u8);
                    break;
                case (byte)'<':
                    sheet.Write("&lt;"u8);
                    break;
                case (byte)'>':
                    sheet.Write("&gt;"u8);
                    break;
                case (byte)'\t' or (byte)'\n':
                    sheet.Write(utf8[..1]);
                    break;
                case (byte)'_' when IsCode(utf8):
                    // Spreadsheets would take it for the character of that code.
                    sheet.Write("_x005F_"u8);
                    break;
                case 0xEF when utf8 is [_, 0xBF, 0xBE or 0xBF, ..]:
                    sheet.Write(utf8[2] == 0xBE ? "_xFFFE_"u8 : "_xFFFF_"u8);
                    length = 3;
                    break;
                case < (byte)' ':
                    // XML has no control characters.
                    sheet.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"_x{utf8[0]:X4}_")));
                    break;
                default:
                    sheet.Write(utf8[..1]);
                    break;
            }

            utf8 = utf8[length..];
        }

        sheet.Write(utf8);
    }

    private static bool IsCode(ReadOnlySpan<byte> utf8) =>
        utf8 is [_, (byte)'x', var a, var b, var c, var d, (byte)'_', ..]
        && char.IsAsciiHexDigit((char)a) && char.IsAsciiHexDigit((char)b) && char.IsAsciiHexDigit((char)c) && char.IsAsciiHexDigit((char)d);
}
