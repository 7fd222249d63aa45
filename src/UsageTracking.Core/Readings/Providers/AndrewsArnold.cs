using System.Text.Json;
using UsageTracking.Metering;
using UsageTracking.Stores;

namespace UsageTracking.Readings.Providers;

/// <summary>Andrews &amp; Arnold, which tells what is left of each broadband line's quota.</summary>
public sealed class AndrewsArnold : IReadingProvider
{
    /// <inheritdoc/>
    public string Name => nameof(AndrewsArnold);

    /// <inheritdoc/>
    public Uri Address { get; } = new("https://chaos.aa.net.uk/info?JSON=0");

    /// <inheritdoc/>
    public string Expected => """{"login":[{"broadband":[{"quota_left":"<bytes>"}]}]}""";

    /// <inheritdoc/>
    public IReadOnlyList<ProviderReading> Read(string answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            ProviderReading[] readings = [.. Lines(document.RootElement)];
            return readings.Length > 0 ? readings : throw new FormatException("no line has a quota_left");
        }
        catch (JsonException cause)
        {
            throw new FormatException("it is no JSON", cause);
        }
    }

    private static IEnumerable<ProviderReading> Lines(JsonElement root)
    {
        int login = 0;
        foreach (JsonElement each in Items(root, "login"))
        {
            login++;
            int line = 0;
            // A login may be for telephones only, and a line may have no quota.
            foreach (JsonElement broadband in Items(each, "broadband"))
            {
                line++;
                if (Text(broadband, "quota_left") is not { } left)
                    continue;

                if (!ExactDecimal.TryParse(left, out _))
                    throw new FormatException("a quota_left is no number");

                yield return new ProviderReading(
                    Text(broadband, "ID") is { } id && !string.IsNullOrWhiteSpace(id) ? id : FormattableString.Invariant($"login {login} line {line}"),
                    ReadingKind.Remaining, InBytes: true, left);
            }
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray()
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out JsonElement value) ? null
        : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };
}
