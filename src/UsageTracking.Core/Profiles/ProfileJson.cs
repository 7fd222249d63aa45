using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace UsageTracking.Profiles;

/// <summary>What the files of profiles hold.</summary>
internal static class ProfileJson
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        // The files go into no page.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <exception cref="UsageException"><c>ProfileFileFailed</c>: what the file holds is something else, which is not repeated.</exception>
    public static T Read<T>(string path, bool isSecret)
        where T : class, new()
    {
        byte[] content = ProfileFile.Read(path, isSecret);
        try
        {
            return content.Length == 0 ? new T() : JsonSerializer.Deserialize<T>(content, Options) ?? new T();
        }
        catch (JsonException error)
        {
            // Neither its message nor the error itself goes on: they quote what they could not read.
            throw new UsageException(UsageErrorKind.StoreNotReady, "ProfileFileFailed",
                $"'{path}' is damaged{(error.LineNumber is { } line ? FormattableString.Invariant($" in line {line + 1}") : "")}. Mend it, or remove it and save the profiles again.", path);
        }
    }

    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    public static void Write<T>(string path, T content) => ProfileFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(content, Options));
}
