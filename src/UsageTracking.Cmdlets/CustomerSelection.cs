namespace UsageTracking.Cmdlets;

/// <summary>Finds what names and wildcards mean among the names there are.</summary>
internal static class CustomerSelection
{
    /// <summary>The customers meant, each once, in the order asked for.</summary>
    public static IReadOnlyList<string> Match(IEnumerable<string> asked, IReadOnlyList<string> known, Action<UsageException> onUnknown) =>
        NameSelection.Match(asked, known, StringComparer.Ordinal, name => onUnknown(new UsageException(
            UsageErrorKind.NotFound, "CustomerNotFound", $"There is no customer '{name}'. Get-UsageCustomer lists them.", name)));
}
