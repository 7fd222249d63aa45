using System.Globalization;
using System.Text.Json;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets.Output;

/// <summary>Metadata as PowerShell likes it: values by name with a point, and compact JSON as its text.</summary>
public sealed class UsageMetadata : Dictionary<string, object?>
{
    private readonly Metadata _core;

    internal UsageMetadata(Metadata core)
        : base(StringComparer.OrdinalIgnoreCase)
    {
        _core = core;
        using JsonDocument document = JsonDocument.Parse(core.Utf8);
        foreach (JsonProperty property in document.RootElement.EnumerateObject())
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

    // JSON tells keys apart by case; here the last of them wins, as on the top level.
    private static Dictionary<string, object?> ReadObject(JsonElement element)
    {
        var values = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (JsonProperty property in element.EnumerateObject())
            values[property.Name] = Value(property.Value);

        return values;
    }
}
