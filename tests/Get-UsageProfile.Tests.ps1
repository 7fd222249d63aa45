BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ProfileHelpers.ps1
}

Describe 'Get-UsageProfile' {
    BeforeAll {
        Clear-Profile
        Save-UsageProfile prod-eu -ConnectionString 'Host=db.example;Database=eu;Username=bob;Password=hunter2' -SecretStore File -CustomerId acme
        Save-UsageProfile home $TestDrive/home.db -TimeZone Europe/London
        Save-UsageProfile prod-us -ConnectionString postgresql://bob@db.example/us
    }
    AfterAll { Clear-Profile }

    It 'takes names in any case, wildcards, and objects with a name' {
        (Get-UsageProfile).Name | Should -Be home, prod-eu, prod-us
        (Get-UsageProfile HOME).Name | Should -Be home
        (Get-UsageProfile prod*, home).Name | Should -Be home, prod-eu, prod-us
        ([pscustomobject]@{ Name = 'home' } | Get-UsageProfile).TimeZone | Should -Be Europe/London
        Get-UsageProfile x* | Should -BeNullOrEmpty
    }

    It 'writes what a profile says, and nothing secret' {
        $profile1 = Get-UsageProfile prod-eu
        $profile1.GetType().FullName | Should -Be UsageTracking.Profiles.UsageProfile
        $profile1.PSObject.Properties.Name | Should -Be Name, Kind, Address, CustomerId, TimeZone, SecretStore
        $profile1.Kind, $profile1.Address, $profile1.CustomerId, $profile1.TimeZone, $profile1.SecretStore |
            Should -Be PostgreSql, 'postgresql://db.example:5432/eu', acme, $null, File
    }

    It 'has an error for each name of no profile that names those there are, and goes on' {
        (Get-UsageProfile nosuch, home -ErrorAction SilentlyContinue -ErrorVariable problem).Name | Should -Be home
        $problem.FullyQualifiedErrorId | Should -BeLike 'ProfileNotFound,*'
        "$problem" | Should -BeLike '*home, prod-eu, prod-us*'
    }

    It 'completes names' {
        foreach ($line in 'Get-UsageProfile pr', 'Remove-UsageProfile pr', 'Connect-UsageStore -Profile pr', 'Save-UsageProfile pr', 'Register-UsageJob Flush -Profile pr') {
            # A busy computer may need a second press.
            $offered = foreach ($press in 1..20) {
                if ($texts = (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText) { $texts; break }
            }
            $offered | Should -Be prod-eu, prod-us
        }
    }

    It 'says of a damaged file where it is damaged, and completes in silence' {
        $file = Join-Path $profileFolder profiles.json
        $before = Get-Content $file -Raw
        try {
            Set-Content $file "[`n{ Name"
            { Get-UsageProfile } | Should -Throw "*$file*line 2*" -ErrorId 'ProfileFileFailed,*'
            { Save-UsageProfile next $TestDrive/next.db } | Should -Throw -ErrorId 'ProfileFileFailed,*'
            $Error.Clear()
            (TabExpansion2 'Get-UsageProfile pr' 19).CompletionMatches | Should -BeNullOrEmpty
            $Error | Should -BeNullOrEmpty
        }
        finally { Set-Content $file $before }
    }
}
