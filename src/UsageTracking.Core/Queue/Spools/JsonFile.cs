using System.Text.Json;

namespace UsageTracking.Queue.Spools;

/// <summary>Reads small files that may be missing, or damaged.</summary>
internal static class JsonFile
{
    public static T? Read<T>(string path)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }
}
