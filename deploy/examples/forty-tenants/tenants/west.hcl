# The hashes are random numbers: make your own with `tidegate hash-password`.
tenant "apple" {
  user "apple-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$QA6nVVawZR03c57U6iPIlA$4ZNU6ZfAi4dxChjM0G6261SPViZuVE6l46oiRrd/HWM" }
  user "apple-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$IXH728e4E+HiGMRkpDoCEw$6b69Vdk81Md0v6v6kDLERYP990S9sNesVnpBNsYvmpk" }
  user "apple-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$3ZpcYNjTcrxEYUDtYhcgcQ$FlebFtq5klNdWMO//Ev5tT6fHlWB2uCdP1M7ASDrZQw" }
  user "apple-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$kD5PcxgoZX1H4i6KG+BaHA$0SZn0WttiLEEq1oR7whX0Lc694OOTBeafTgdV6TN3Cc" }
  user "apple-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$MwrB2uAqrpTm6+q4RglLjg$svOAbz7glB0ccd4LtbB+1fv3HAtSzBxxyrDpgwpNCvY" }
}
tenant "bamboo" {
  user "bamboo-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$o+DcqcUCtSNz4N+pwMTbBw$Nps2qmXYb5exJxU1okTuso4BK/ZHZCH1wiPUbWnIiVE" }
  user "bamboo-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$iyZ6QXyznhW53S97jXUCvA$MSiOyZokGXzPxFobyufKggSciAB60vxxP781xeRqajo" }
  user "bamboo-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$H+NGdAvqRu1HpJiT8PdwMA$B+OVoE6JMXQBtGW+8stX9fs1q6fcDF441YOH3zmh6a0" }
  user "bamboo-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$8ApNQJW7ziRPivcOnvN9Qg$TPL3OGn6oiRlilG/l6C4a2udGJn/Hz689GlIPnY7IyY" }
  user "bamboo-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$2LFpc0sN4oL5BtqVmFLnGw$3/Yvlu7QJGNC5JPI5FStnK9H4555yX+vBxYOmPntEAI" }
}
tenant "box" {
  user "box-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$JbjruWDbjDG0s/V0M5+fkw$8UEZvWqHxCGi/phh33+1NwrccTxSH8cJx0eDHNHx7RA" }
  user "box-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$gLfzaUClBdaZQvFMR7fN8A$Mp39DaTH4JugnISR7q8WBRkP76UYmqcmzK1xkNQ20Q8" }
  user "box-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$htTsPIHefk7qtEnRf/pc4Q$h/fLJMUxyKLbGBxBppXyTdEvavzr6WIjMKzAJGP41/g" }
  user "box-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$sVr//qu9azjpftML6KuBRQ$XLMxZP5e2X/oWlRzivDhtStGLBYZ6QTBo+nyMeWw7fo" }
  user "box-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$HK6MRd5G+UOo5Q9PjCqyKQ$Ar+V/V4G6PjT84UVyxytv4Pt3AJFQniRMHAUArylQ1w" }
}
tenant "chestnut" {
  user "chestnut-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$OO0LQJ2Bmd1IBCsihtwuBg$k4ydynnDJ6pYelFXxD0g5bCcxNkNmR6YPcP5WBt5jG4" }
  user "chestnut-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$M1xj3akLTyfanN0lFAProQ$42rW5Tgbj0KNv4tlLSGDX/7sqrpEMU6ob6rya+cJvzU" }
  user "chestnut-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$OBdUm75sO9a4+ru2/dhcUA$E2jqMHo5UGcCY1uMkuP0idw9/jJ7aS9+eRTER5MzMGI" }
  user "chestnut-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$9jKu/evr2e/P9VcDNVxIoQ$2e1eee/VzIsX2gH0QLh4iZAO76X1jKIYP5BKHHli3vA" }
  user "chestnut-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$e8CNZCKj7d76OdJwtMGayQ$X/PkJ5Aeivb1cwxLOCiFThD8xNfvbUzzbmzi6B1evH0" }
}
tenant "elm" {
  user "elm-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$bvUX77AOYErLNKap7iAb+Q$hSwEFsaC1rcWJzYvNCxuEpObkYTMt7sxRgy7DFGZ5A8" }
  user "elm-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$slmMGBbdJrFWnefJQmBlIw$SC2MkTIDmlzrUUDOYJ8izR9Zyczu+J3XuZ6vsqE5Cug" }
  user "elm-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$fZJUcgmOHiyxydE5RuctyQ$NbpSHl6VAn0fEl7iuoXUHgDqjThc0q/MTMepfsDkx5Y" }
  user "elm-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$yDzKRRM6F4DCEeEJ6bc1nw$qwFgBEEr2uNC+fpAGQ8Op+tMS/Gci64JiMpM08O2SXQ" }
  user "elm-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$/bZ3zx5UaEJcEuIMatTMvw$8vtrGtcjQZVIeIgnG7jSql8cZwdBE52bfq2PeyYGHgc" }
}
tenant "hazel" {
  user "hazel-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Z8kzf20/STaO0FUed/IByw$Uvc2HJbgiwFhADJ3UuJ0/lzg9y2vGaHxElW9uucHYXU" }
  user "hazel-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$J4euUlHkE9FWU1c6AK0Qog$I9BcpxNq+kVPdE+2hsQyLrowZi1oZ+4UD8GyGv6vO90" }
  user "hazel-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$3LlLnHCR5UmP0tEzqX6tuQ$gLdGTsujSBKqU/lJDg3zhHcM0uaxRedjexhkx5oSfzE" }
  user "hazel-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$bSJ2JtqvdSv5yI/ThqyCQQ$5n4ZCVY7QtV2QFULn2w9un/vV5ILMS1IzLWDQyDLJdQ" }
  user "hazel-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$GVJfCiLQ8RWzYi0/7xg3JQ$XtqtUxrjjUXroeH0bDhBdLD7bIpQYfOAweZLziy5Cj4" }
}
tenant "juniper" {
  user "juniper-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$9Qpb/csuBVOgKL6fAEF2SQ$r10IzhlBV5AjV+FKzsRzTBRozkJxSf8HSHVStMEehtA" }
  user "juniper-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$rZ65BKnR9FVTKbd+LOkSxQ$Fq/OX9bqGEn8vL5BJ0GfTAckyLE7/KT7EpzK843PdU0" }
  user "juniper-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$a0NxhCo94uFT2xiCsVv+eg$QnJMCB1UDICUA3fpZF3HaFHVHMzzv/M9l/vWWyD+r2c" }
  user "juniper-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Yap63/6uITbSYxpCYP/AWg$6sd52gQxMzKUvBMwAA9fH+oXQsysDPt20QTBrpc0gH4" }
  user "juniper-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$YPlhuwajRbI3Y6VPB15/8w$dD+ZadgkOaS6UlJlZbtfz0Tdc0bOb5lD49IobDbcp6g" }
}
tenant "lime" {
  user "lime-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$BOPVsJ+FjMJgo+9STU2HHg$jIgFOJTTfqtOX4EyLXy5YSr6hNvHgfQZpPiNFLgTenQ" }
  user "lime-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Tjrkfj8MlaXO9W8SO/dl6A$qYMoL+lByFmn3pGn5C9ebwTAALU3PJLXbNeL1oS8JJo" }
  user "lime-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$utg9vI/H5puwWrITQt4B1Q$3ixN8msAO06leypaSFy59fFHiyB1m2lL5aZIXk1j/sc" }
  user "lime-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$Qov5TJVFOjm9g9RyX8vJzw$IXGK3iJ8g4sXg5LX/ITqTMdTphAlzh1eVU0FUGX4Kik" }
  user "lime-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$bgKwsfuvQbICQSZ4I8WoYQ$exF9VlprNg+XHIchwgaox+AxQvjWYqH9wS9J+eLFuMs" }
}
tenant "maple" {
  user "maple-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$H27kSZbi/OZYIYScPWXcWQ$mZZzbVR3xm99MxA0R97+1FkaqZATCyqkij7FilyqcKg" }
  user "maple-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$tDg2oL1m824HpEPFVevumw$zSpp/7qjzFGGDNq5NaoiXI8A8RS0YuOvUkE5BailZEg" }
  user "maple-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$cWexCcOliIIdySvgf9Sr4Q$NVaRP23y0BbjXlUrVVguJVxiM3kjMhiRi4htoyV2UEE" }
  user "maple-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$9I/0pWR7l9Z3GEjto3XXvQ$PwenOhTILUZy28LBHIAWzoOpv8NfNXhR15PdxwA7gaM" }
  user "maple-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$0bH05rzMRcCEUpw1W3qPpA$Cl+JnXTHaLhVTnU72NW2T0qhP0kzVY5k0hWRlW7qUl0" }
}
tenant "palm" {
  user "palm-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$pbidWSoX+vAHrag1erVX5Q$+C0eqKGMohGO74Kd80Pivweb2ANpxY9by6g67NT2RmA" }
  user "palm-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$RHfPrYo61hLZyPXAv5b0QA$KodHpDjCdJBAszuvgngIOAffNhUBOOcT4umzvtqDI0I" }
  user "palm-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$96Ggix/HVw8r2AinXJFkdA$uNOz2sPiWbB/t/k6fl0Gvi9wp2qk3ZwJ2AJyPQ3IJc4" }
  user "palm-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$49wc3tBIjT0kSeKoV/JVuA$qAt2D1T5yW4jsf6X/GdG69JJjo7Hyc0ihsR8O5xOnJw" }
  user "palm-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$V0FSTICTWxwAAKsjCUulag$kxIR4JRtrAA0CN+OTysN5BZOrtqrvsjDZLav/1bzE3g" }
}
tenant "plane" {
  user "plane-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$5G6JxvsnRKZIEQtNZ7WDYA$CeNJw5JPWrfhjunpSh16mBlofbEn16b14BpGivMnPAs" }
  user "plane-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$CdS0mCV1lXh8jz49xTzokw$qukzYPQs3BfEZJyPKE7BN3ccJNff2TWG+Zswm5ahXBw" }
  user "plane-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$pwpVwYs50QLHMx60ZTOXVA$2zqGlGeQk+mZN3CpMIkQMf2rED/1NztKdAAese16A2I" }
  user "plane-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ByfKcPSfZQBlyZIQPqTfCg$BbX4MX4XQ7AyjTpcbmmt8VsnbCdu81yc9NgUS71Spgk" }
  user "plane-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$U3/tIaqi78Xu/vaE9t1wxQ$vzwe+gwOXRovYk216iA+70y7NdmSO26mWiydfBBzD/U" }
}
tenant "rowan" {
  user "rowan-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$QNA2ukOC6KEEJ/VyyQaHjA$vRhUG9FprjrxQ07OYbcUhb76KUGIuhCyVxvzflTMBHc" }
  user "rowan-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$HQlTVqQXZYXU8g1GhKcbJw$GKRLrwAuK3zS91sdod6m5bJpIU3DVTY7gzqmFMpyo8A" }
  user "rowan-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$d+qufH4aX31UPpI+17YoRg$FF9ulDmdyMv741i+NeQAzkeg2P9IXr1ekaBwa8e2D1w" }
  user "rowan-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$vTv3HfhwpDdnMpvjUL7uEg$j0+IDmy8btylrVVhxxhFOxkbDDJJNkWWLkJmvrnZ4s4" }
  user "rowan-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$jCLHkgy5gIvrXEcwEXbvog$faEWwXJABtjR7NejtH+V9MaA+hthgn7qja06NaB9FoI" }
}
tenant "willow" {
  user "willow-1" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$kXHceYb7BDtakgFbkY2nsw$ftGRacI+xcDstw5JMZHNM7R1koEdRcZLj8fpSWpUVFk" }
  user "willow-2" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$eNmWrzN+TSGB5LK77e359w$Uzn7Jl0phg21QTRp0AiCRoeX947ZlqQC3IO4MRwa5c4" }
  user "willow-3" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$B5VNP24pPOkg+frA0Qt3RQ$x7ceUxvnIHCpNKecc81PecIdx3jlnvIKToX4+jD+jyk" }
  user "willow-4" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$LW3LtiFXxjuu4f7xqqL2Og$N2Qa0hF52sbZw39uNrS2JXucs73+WAqE3ek+gbUmi/M" }
  user "willow-5" { password_hash = "$argon2id$v=19$m=19456,t=2,p=1$ctoEFqvOeg7yeJWwFmkCVQ$ZtfWpYAFEqPRwWzAsNdLO3R+18dMoG+r47rL9ivwDq4" }
}
