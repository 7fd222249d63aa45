using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace UsageTracking.Metering;

/// <summary>
/// The short way to the canonical form for what nearly all metadata is: an object of a few plain texts and numbers. A store
/// may have put its keys in another order, and spaces between them.
/// </summary>
internal static class FlatMetadata
{
    /// <summary>Bytes that the JSON has at most; longer ones go the long way.</summary>
    public const int Longest = 512;

    private const int MostEntries = 16;

    // What JSON writes as it is.
    private static readonly SearchValues<char> Plain = SearchValues.Create([.. Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Except(['"', '\\'])]);

    /// <summary>Writes the canonical form into a buffer that is as long as the JSON.</summary>
    /// <returns>The length; -1 where the JSON is not that simple.</returns>
    public static int Write(ReadOnlySpan<byte> json, Span<byte> canonical)
    {
        // From quote to the value's end, per entry in the order of the keys.
        Span<(int Key, int KeyEnd, int Value, int End)> entries = stackalloc (int, int, int, int)[MostEntries];
        if (json.Length > Longest || json is not [(byte)'{', .., (byte)'}'])
            return -1;

        int count = 0;
        int at = 1;
        while (true)
        {
            at = SkipSpace(json, at);
            int keyEnd = TextEnd(json, at);
            int value = keyEnd < 0 || json[keyEnd] != ':' ? -1 : SkipSpace(json, keyEnd + 1);
            int end = value < 0 ? -1 : json[value] == '"' ? TextEnd(json, value) : PlainEnd(json, value);
            if (end < 0 || count == MostEntries || !Insert(json, entries, count, (at, keyEnd, value, end)))
                return -1;

            count++;
            at = SkipSpace(json, end);
            if (json[at] == '}')
                return at == json.Length - 1 ? Join(json, entries[..count], canonical) : -1;

            if (json[at++] != ',')
                return -1;
        }
    }

    /// <summary>Writes the canonical form of a dictionary's entries.</summary>
    /// <returns>The length; -1 where they are not that simple, or take more than the buffer.</returns>
    public static int Write(IDictionary dictionary, Span<byte> canonical)
    {
        var entries = default(Entries);
        int count = 0;
        // Its own enumerator boxes no entries.
        for (IDictionaryEnumerator entry = dictionary.GetEnumerator(); entry.MoveNext(); count++)
        {
            if (count == MostEntries || entry.Key is not string key)
                return -1;

            int place = count;
            for (; place > 0 && string.CompareOrdinal(entries[place - 1].Key, key) > 0; place--)
                entries[place] = entries[place - 1];

            entries[place] = (key, entry.Value);
        }

        int at = 0;
        for (int i = 0; i < count; i++)
        {
            (string key, object? value) = entries[i];
            if (at == canonical.Length)
                return -1;

            canonical[at++] = (byte)(i == 0 ? '{' : ',');
            if (!TryWriteText(key, canonical, ref at) || at == canonical.Length)
                return -1;

            canonical[at++] = (byte)':';
            if (!TryWriteValue(value, canonical, ref at))
                return -1;
        }

        if (count == 0 || at == canonical.Length)
            return -1;

        canonical[at++] = (byte)'}';
        return at;
    }

    private static bool TryWriteValue(object? value, Span<byte> to, ref int at)
    {
        int written;
        switch (value)
        {
            case string text:
                return TryWriteText(text, to, ref at);
            case int number when number.TryFormat(to[at..], out written, default, CultureInfo.InvariantCulture):
            case long wide when wide.TryFormat(to[at..], out written, default, CultureInfo.InvariantCulture):
                at += written;
                return true;
            default:
                return false;
        }
    }

    private static bool TryWriteText(string text, Span<byte> to, ref int at)
    {
        if (text.Length + 2 > to.Length - at || text.AsSpan().ContainsAnyExcept(Plain))
            return false;

        to[at++] = (byte)'"';
        at += Encoding.ASCII.GetBytes(text, to[at..]);
        to[at++] = (byte)'"';
        return true;
    }

    private static int SkipSpace(ReadOnlySpan<byte> json, int at) => json[at] == ' ' ? at + 1 : at;

    // Behind the closing quote; -1 for anything but plain ASCII. The object's own end keeps it within bounds.
    private static int TextEnd(ReadOnlySpan<byte> json, int at)
    {
        if (json[at] != '"')
            return -1;

        for (at++; at < json.Length - 1; at++)
        {
            byte next = json[at];
            if (next == '"')
                return at + 1;

            if (next is < (byte)' ' or > (byte)'~' or (byte)'\\')
                return -1;
        }

        return -1;
    }

    // Behind a number without sign or exponent, or a word of JSON's.
    private static int PlainEnd(ReadOnlySpan<byte> json, int at)
    {
        ReadOnlySpan<byte> rest = json[at..];
        int length = rest.IndexOfAny((byte)',', (byte)'}', (byte)' ');
        ReadOnlySpan<byte> word = rest[..length];
        if (word.SequenceEqual("true"u8) || word.SequenceEqual("false"u8) || word.SequenceEqual("null"u8))
            return at + length;

        return length is > 0 and <= 18 && word.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && (length == 1 || word[0] != '0')
            ? at + length : DecimalEnd(word, at);
    }

    private static int DecimalEnd(ReadOnlySpan<byte> word, int at)
    {
        int point = word.IndexOf((byte)'.');
        return point > 0 && point < word.Length - 1 && (point == 1 || word[0] != '0')
            && word[..point].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0 && word[(point + 1)..].IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            ? at + word.Length : -1;
    }

    private static bool Insert(
        ReadOnlySpan<byte> json, Span<(int Key, int KeyEnd, int Value, int End)> entries, int count, (int Key, int KeyEnd, int Value, int End) entry)
    {
        ReadOnlySpan<byte> key = json[(entry.Key + 1)..(entry.KeyEnd - 1)];
        int place = count;
        for (; place > 0; place--)
        {
            (int before, int beforeEnd, _, _) = entries[place - 1];
            int order = json[(before + 1)..(beforeEnd - 1)].SequenceCompareTo(key);
            // Of repeated keys the last counts, which the long way knows how to do.
            if (order == 0)
                return false;

            if (order < 0)
                break;

            entries[place] = entries[place - 1];
        }

        entries[place] = entry;
        return true;
    }

    private static int Join(ReadOnlySpan<byte> json, ReadOnlySpan<(int Key, int KeyEnd, int Value, int End)> entries, Span<byte> canonical)
    {
        int at = 0;
        foreach ((int key, int keyEnd, int value, int end) in entries)
        {
            canonical[at] = (byte)(at == 0 ? '{' : ',');
            json[key..keyEnd].CopyTo(canonical[++at..]);
            at += keyEnd - key;
            canonical[at++] = (byte)':';
            json[value..end].CopyTo(canonical[at..]);
            at += end - value;
        }

        canonical[at++] = (byte)'}';
        return at;
    }

    [InlineArray(MostEntries)]
    private struct Entries
    {
        private (string Key, object? Value) _first;
    }
}
