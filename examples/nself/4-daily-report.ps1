param([string] $Folder = '/var/reports')

# Get today's date
$today = Get-Date -AsUTC -Format yyyy-MM-dd

# Generate report
"Daily Usage Report - $today"
Get-Usage -Start $today -End $today -Detailed

# Export to file
$file = Export-Usage "$Folder/usage_$today.csv" -Start $today -End $today -Force
"Exported to: $($file.FullName)"
