using System.Collections;
using System.Management.Automation;
using UsageTracking.Charts;
using UsageTracking.Cmdlets.Binding;

namespace UsageTracking.Cmdlets;

/// <summary>What draws the reports that come down the pipeline. None of it needs a store.</summary>
public abstract class ChartCmdlet : UsageCmdlet
{
    private readonly ChartSet _set = new();

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyCollection]
    public object? InputObject { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Title { get; set; }

    /// <inheritdoc/>
    protected sealed override void OnProcess()
    {
        // By name instead of down the pipeline, all lines of a report come as one array.
        IEnumerable lines = Unwrap.Base(InputObject) is IEnumerable and not (string or IDictionary) ? LanguagePrimitives.GetEnumerable(InputObject) : new[] { InputObject };
        foreach (object? line in lines)
        {
            try
            {
                _set.Add(Unwrap.Base(line));
            }
            catch (UsageException error)
            {
                WriteItemError(error);
            }
        }
    }

    /// <inheritdoc/>
    protected sealed override void OnEnd()
    {
        if (_set.IsEmpty)
        {
            WriteItemError(new UsageException(UsageErrorKind.InvalidInput, "NothingToShow", "Nothing came down the pipeline that a chart could be made of."));
            return;
        }

        Draw(_set.ToCharts(Title));
    }

    /// <summary>Draws all charts; there is at least one.</summary>
    protected abstract void Draw(IReadOnlyList<Chart> charts);
}
