using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Reports;

/// <summary>The metadata values that the records of a measure have in common, by key; null where they have none.</summary>
public sealed class UsageGroup : Dictionary<string, string?>
{
    internal UsageGroup(IReadOnlyList<string> keys, IReadOnlyList<string?> values)
        : base(StringComparer.Ordinal)
    {
        Identity = Identify(values);
        for (int i = 0; i < keys.Count; i++)
            this[keys[i]] = values[i];
    }

    /// <summary>A text that no other values of the same keys have.</summary>
    internal string Identity { get; }

    internal static string Identify(IReadOnlyList<string?> values) => JsonSerializer.Serialize(values);

    /// <summary>The value of a single key; of several, each with its key.</summary>
    public override string ToString() =>
        Count == 1 ? Values.Single() ?? "" : string.Join(", ", this.Select(v => $"{v.Key}={v.Value}"));

    /// <summary>What a JSON value says: the text of a string, the digits of a number, compact JSON of anything larger.</summary>
    internal static string? Text(string? json)
    {
        if (json is null)
            return null;

        try
        {
            // A key of no length cannot make metadata too large that was not.
            return Metadata.Parse($"{{\"\":{json}}}")[""];
        }
        catch (UsageException)
        {
            // Other programs may have written what we would refuse.
            return json;
        }
    }
}
