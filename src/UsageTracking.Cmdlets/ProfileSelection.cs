using UsageTracking.Profiles;

namespace UsageTracking.Cmdlets;

/// <summary>Finds the profiles that names and wildcards mean.</summary>
internal static class ProfileSelection
{
    /// <summary>The profiles meant, each once, in their order.</summary>
    public static IEnumerable<UsageProfile> Match(IEnumerable<string> asked, IReadOnlyList<UsageProfile> profiles, Action<UsageException> onUnknown)
    {
        HashSet<string> names = [.. NameSelection.Match(
            asked, [.. profiles.Select(p => p.Name)], StringComparer.OrdinalIgnoreCase, name => onUnknown(ProfileBook.NotFound(name, profiles)))];
        return profiles.Where(p => names.Contains(p.Name));
    }
}
