using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using UsageTracking.Readings.Providers;

namespace UsageTracking.Cmdlets;

/// <summary>Completes the names of providers.</summary>
public sealed class ProviderCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ReadingProviders.All.Select(p => p.Name)
            .Where(n => n.StartsWith(wordToComplete, StringComparison.OrdinalIgnoreCase))
            .Select(n => new CompletionResult(n));
}
