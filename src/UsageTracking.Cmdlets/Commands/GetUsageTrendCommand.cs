using System.Management.Automation;
using UsageTracking.Reports;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageTrend")]
[OutputType(typeof(UsageTrend))]
public sealed class GetUsageTrendCommand : DaysReportCmdlet
{
    [Parameter(Position = 1)]
    [ValidateRange(0, 36_500)]
    public override int Days { get; set; } = 7;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageTrend day in Wait(TrendReport.ReadAsync(Connection.Store, Scope, Cancel)))
            WriteObject(day);
    }
}
