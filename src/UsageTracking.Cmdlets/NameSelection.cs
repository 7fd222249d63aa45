using System.Management.Automation;

namespace UsageTracking.Cmdlets;

/// <summary>Selects names by text and wildcards.</summary>
internal static class NameSelection
{
    /// <summary>Whether a name is one of those asked for, in any case or by wildcards.</summary>
    public static bool Matches(IEnumerable<string> asked, string name) =>
        asked.Any(a => a == "*" || a.Equals(name, StringComparison.OrdinalIgnoreCase)
            || Match([a], [name], StringComparer.OrdinalIgnoreCase, _ => { }).Count > 0);

    public static IReadOnlyList<string> Match(IEnumerable<string> asked, IReadOnlyList<string> known, StringComparer comparer, Action<string> onUnknown)
    {
        var found = new List<string>();
        foreach (string name in asked)
        {
            if (known.FirstOrDefault(k => comparer.Equals(k, name)) is { } exact)
            {
                found.Add(exact);
            }
            else if (WildcardPattern.ContainsWildcardCharacters(name))
            {
                try
                {
                    var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
                    found.AddRange(known.Where(pattern.IsMatch));
                }
                catch (RuntimeException)
                {
                    // No pattern after all, such as 'a['.
                    onUnknown(name);
                }
            }
            else
            {
                onUnknown(name);
            }
        }

        return [.. found.Distinct(comparer)];
    }
}
