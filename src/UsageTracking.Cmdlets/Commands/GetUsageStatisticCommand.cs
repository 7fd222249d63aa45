using System.Management.Automation;
using UsageTracking.Reports;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Get, "UsageStatistic")]
[OutputType(typeof(UsageStatistic))]
public sealed class GetUsageStatisticCommand : DaysReportCmdlet
{
    [Parameter(Position = 1)]
    [ValidateRange(0, 36_500)]
    public override int Days { get; set; } = 30;

    /// <inheritdoc/>
    protected override void WriteReport()
    {
        foreach (UsageStatistic statistic in Wait(StatisticReport.ReadAsync(Connection.Store, Scope, Customers, Cancel)))
            WriteObject(statistic);
    }
}
