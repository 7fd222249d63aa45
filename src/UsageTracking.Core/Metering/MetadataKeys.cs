namespace UsageTracking.Metering;

/// <summary>Names of metadata keys that a report groups by.</summary>
public static class MetadataKeys
{
    /// <summary>The keys, each once.</summary>
    /// <exception cref="UsageException"><c>InvalidMetadataKey</c>: no metadata can have such a key.</exception>
    public static IReadOnlyList<string> Check(IEnumerable<string> keys)
    {
        string[] distinct = [.. keys.Distinct(StringComparer.Ordinal)];
        foreach (string key in distinct)
        {
            try
            {
                Metadata.CheckText(key);
            }
            catch (UsageException cause)
            {
                throw UsageException.Invalid(
                    "InvalidMetadataKey", "No metadata can have that key: it is not valid text. Give names as records have them, such as endpoint.", key, cause);
            }
        }

        return distinct;
    }
}
