using System.Globalization;
using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Metadata as PowerShell likes it: values by name with a point, and compact JSON as its text.</summary>
public sealed class UsageMetadata : Dictionary<string, object?>
{
    private readonly Metadata _core;

    internal UsageMetadata(Metadata core)
        : this(core, JsonSerializer.Deserialize<JsonElement>(core.Utf8.Span))
    {
    }

    private UsageMetadata(Metadata core, JsonElement root)
        : base(ComparerFor(root))
    {
        _core = core;
        foreach (JsonProperty property in root.EnumerateObject())
            this[property.Name] = Value(property.Value);
    }

    /// <summary>The canonical JSON.</summary>
    public override string ToString() => _core.ToString();

    private static object? Value(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number when element.TryGetInt64(out long whole) => whole,
        JsonValueKind.Number => decimal.TryParse(element.GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) ? number : element.GetDouble(),
        JsonValueKind.Array => element.EnumerateArray().Select(Value).ToArray(),
        JsonValueKind.Object => ReadObject(element),
        _ => null,
    };

    private static Dictionary<string, object?> ReadObject(JsonElement element) =>
        element.EnumerateObject().ToDictionary(p => p.Name, p => Value(p.Value), ComparerFor(element));

    // Names are found in any case, as everywhere in PowerShell, unless the object has two that differ by case alone.
    private static StringComparer ComparerFor(JsonElement element)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return element.EnumerateObject().All(p => names.Add(p.Name)) ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
    }
}
