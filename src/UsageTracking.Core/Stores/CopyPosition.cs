using System.Text.Json;

namespace UsageTracking.Stores;

/// <summary>How far a copy has got, as the store that is written keeps it: a table and the key of its last row; nothing at the beginning.</summary>
internal static class CopyPosition
{
    public static string ToText(IReadOnlyList<string?> position) => JsonSerializer.Serialize(position);

    public static IReadOnlyList<string?> Parse(string? text) => text is null ? [] : JsonSerializer.Deserialize<string?[]>(text)!;
}
