using System.Management.Automation;

namespace UsageTracking.Cmdlets;

/// <summary>Finds what names and wildcards mean among the names there are.</summary>
internal static class CustomerSelection
{
    /// <summary>The customers meant, each once, in the order asked for.</summary>
    public static IReadOnlyList<string> Match(IEnumerable<string> asked, IReadOnlyList<string> known, Action<UsageException> onUnknown) =>
        NameSelection.Match(asked, known, StringComparer.Ordinal, name => onUnknown(new UsageException(
            UsageErrorKind.NotFound, "CustomerNotFound", $"There is no customer '{name}'. Get-UsageCustomer lists them.", name)));
}

/// <summary>Selects names by text and wildcards.</summary>
internal static class NameSelection
{
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
