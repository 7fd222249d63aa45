using System.Buffers;

namespace UsageTracking.Files.Import;

/// <summary>
/// Finds where a JSON value ends without reading what is in it, so that one that is wrong inside spoils no other.
/// </summary>
internal static class JsonScanner
{
    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]"u8);
    private static readonly SearchValues<byte> InText = SearchValues.Create("\"\\"u8);
    private static readonly SearchValues<byte> AfterScalar = SearchValues.Create(",]} \t\r\n"u8);

    /// <summary>The length of the value that begins with the window's first byte.</summary>
    /// <exception cref="UsageException"><c>InvalidFile</c>: the file ends in the middle of it.</exception>
    public static int FindEnd(ByteWindow window)
    {
        if (window.Bytes[0] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return Find(window, 0, AfterScalar);

        int depth = 0;
        int at = 0;
        do
        {
            at = Find(window, at, Structure);
            switch (window.Bytes[at++])
            {
                case (byte)'"':
                    at = FindTextEnd(window, at);
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    break;
                default:
                    depth--;
                    break;
            }
        }
        while (depth > 0);

        return at;
    }

    private static int FindTextEnd(ByteWindow window, int at)
    {
        while (true)
        {
            at = Find(window, at, InText);
            if (window.Bytes[at] == '"')
                return at + 1;

            // Whatever follows a backslash ends no text.
            at += 2;
        }
    }

    private static int Find(ByteWindow window, int from, SearchValues<byte> wanted)
    {
        while (true)
        {
            int at = from < window.Bytes.Length ? window.Bytes[from..].IndexOfAny(wanted) : -1;
            if (at >= 0)
                return from + at;

            from = Math.Max(from, window.Bytes.Length);
            if (!window.Fill())
                throw UsageException.Invalid("InvalidFile", FormattableString.Invariant($"Line {window.Line}: the file ends in the middle of what begins here."));
        }
    }
}
