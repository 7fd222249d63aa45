using System.Text;

namespace UsageTracking.Queue.Spools;

/// <summary>Remembers texts by their bytes: the few customers and services of a spool come again and again.</summary>
internal sealed class TextCache
{
    private readonly (byte[] Bytes, string Text)[] _slots = new (byte[], string)[256];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        ref (byte[] Bytes, string Text) slot = ref _slots[Crc32C.Of(utf8) % (uint)_slots.Length];
        if (slot.Bytes is null || !utf8.SequenceEqual(slot.Bytes))
            slot = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));

        return slot.Text;
    }
}
