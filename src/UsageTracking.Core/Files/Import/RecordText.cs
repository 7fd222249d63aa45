using UsageTracking.Metering;

namespace UsageTracking.Files.Import;

/// <summary>Reads the texts that the original took: <c>service:quantity:metadata</c>.</summary>
public static class RecordText
{
    /// <summary>Splits a text at its first two colons, since metadata has colons of its own.</summary>
    /// <exception cref="UsageException">A value is unusable.</exception>
    public static void Put(RecordInput record, string text)
    {
        string[] parts = text.Split(':', 3);
        record.Service = parts[0].Trim();
        if (parts.Length > 1)
            record.Quantity = parts[1];
        if (parts.Length > 2 && parts[2].Length > 0)
            record.Metadata = Metadata.Parse(parts[2]);
    }
}
